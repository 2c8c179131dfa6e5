"""A pre-order as fans see it: before they buy, while it is made, and when it slips."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from app.catalogue.making import Step
from app.catalogue.promises import of_month
from app.checkout import asking
from app.fulfilment import parcels
from app.fulfilment.models import ParcelState
from app.kernel.db import Database, transaction
from tests.builders import open_drop
from tests.cast import StoppedClock
from tests.databases import states_of
from tests.preordering import JUNE, say
from tests.shop.shopper import JSON, Shopper, work
from tests.shop.test_orders import bought

NOTE = "The plant lost the lacquer."


@pytest.fixture
def run(db: Database, clock: StoppedClock) -> int:
    """A pre-order of three copies, promised for March 2027."""
    _drop, run = open_drop(db, size=3)
    say(db, clock, run)
    return run


@pytest.fixture
def order(selling: Flask, ada: Shopper, run: int, clock: StoppedClock) -> str:
    """Ada's paid order; its path. What was said before she came is told."""
    clock.forward(minutes=11)
    work(selling)
    path = bought(ada)
    work(selling)
    return path


def _slip(selling: Flask, db: Database, clock: StoppedClock, run: int) -> str:
    """It slips by three months and everybody is told; the text of the mail."""
    clock.forward(minutes=1)
    say(db, clock, run, Step.TEST_PRESS, JUNE, NOTE)
    clock.forward(minutes=10)
    [letter] = [letter for letter in work(selling) if "promised" in letter.subject]
    return letter.text


def test_it_is_said_before_anybody_takes_or_pays(selling: Flask, ada: Shopper, run: int) -> None:
    page = ada.client.get("/drops/drop-1")
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "public, max-age=1"
    assert "A pre-order: not here yet." in page.text
    assert "Promised to leave in March 2027." in page.text
    assert re.search(r'<li class="step step-now" aria-current="step">.*?files in<span class="vh">: now', page.text)
    assert "Pre-order: promised to leave in March 2027" in ada.client.get("/releases/release-1").text
    hold = ada.take()
    assert "A pre-order: not here yet." in ada.client.get(hold).text


def test_everybody_gets_the_same_bytes(selling: Flask, ada: Shopper, ben: Shopper, run: int) -> None:
    assert ada.client.get("/drops/drop-1").data == ben.client.get("/drops/drop-1").data


def test_what_is_here_is_said_no_more(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, run: int) -> None:
    say(db, clock, run, Step.HERE)
    page = ada.client.get("/drops/drop-1").text
    assert "A pre-order: not here yet." not in page
    assert "How it was made" in page
    assert "A pre-order" not in ada.client.get(ada.take()).text


def test_a_run_that_is_none_says_nothing_of_it(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db, size=3)
    assert "pre-order" not in ada.client.get("/drops/drop-1").text.lower()
    path = bought(ada)
    work(selling)
    assert "pre-order" not in ada.client.get(path).text.lower()


def test_the_order_says_where_it_is_and_what_changed_when(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, run: int, order: str
) -> None:
    assert "Paid. It waits for the plant." in ada.client.get(order).text
    _slip(selling, db, clock, run)
    page = ada.client.get(order).text
    for words in ("The test pressing is made.", f"“{NOTE}”", "Promised to leave in June 2027; before that it was March 2027."):
        assert words in page, words
    assert "When you took it, it was promised for March 2027. Now it is June 2027." in page


def test_the_confirmation_says_that_it_is_a_preorder(selling: Flask, ada: Shopper, clock: StoppedClock, run: int) -> None:
    bought(ada)
    [letter] = work(selling)
    assert "is a pre-order, promised to leave in March 2027." in letter.text
    assert "Next we pack it" not in letter.text
    assert "promised to leave in March 2027" in letter.html


def test_from_the_mail_it_is_one_click(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, run: int, order: str
) -> None:
    mail = _slip(selling, db, clock, run)
    [link] = re.findall(r"https?://\S+(/orders/\S+/way-out/\S+)", mail)
    question = ada.client.get(link)
    assert (question.status_code, question.headers["Cache-Control"]) == (200, "no-store")
    assert "€25.95 goes back to the card you paid with, the postage with it." in question.text
    assert states_of(db)[0] == "allocated"
    [shown] = re.findall(r'name="shown" value="(\d+)"', question.text)
    done = ada.client.post(link, data={"shown": shown})
    assert (done.status_code, done.headers["Location"]) == (303, order)
    assert states_of(db)[0] == "available"
    letters = work(selling)
    assert sorted(letter.subject for letter in letters) == ["Order 00001 is cancelled", "€25.95 is on its way back to you"]
    page = ada.client.get(order).text
    assert "This order was cancelled." in page
    assert "as it had slipped too far" in page
    assert ada.client.post(link, data={"shown": shown}).status_code == 409
    assert ada.client.get(link).status_code == 409


def test_the_order_page_has_the_same_button(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, run: int, order: str
) -> None:
    assert "way-out" not in ada.client.get(order).text
    assert ada.client.get(f"{order}/way-out/run-1").status_code == 404
    assert ada.client.post(f"{order}/way-out/run-1", data={"shown": "2595"}).status_code == 404
    _slip(selling, db, clock, run)
    page = ada.client.get(order).text
    assert "You may cancel it free of charge." in page
    assert f'action="{order}/way-out/run-1"' in page
    answer = ada.client.post(f"{order}/way-out/run-1", data={"shown": "2595"}, headers=JSON)
    assert (answer.status_code, answer.json) == (200, {"state": "cancelled"})


@pytest.mark.parametrize("path", ["/way-out/nothing", "/way-out/run-2"])
def test_of_what_was_not_bought_there_is_no_way_out(ada: Shopper, order: str, path: str) -> None:
    assert ada.client.get(order + path).status_code == 404
    assert ada.client.post(order + path, data={"shown": "1"}).status_code == 404


def test_a_sum_that_is_none_is_refused(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, run: int, order: str
) -> None:
    _slip(selling, db, clock, run)
    assert ada.client.post(f"{order}/way-out/run-1", data={"shown": "all of it"}).status_code == 422
    assert ada.client.post(f"{order}/way-out/run-1").status_code == 422
    assert ada.client.post(f"{order}/way-out/run-1", data={"shown": "1"}).status_code == 409
    assert states_of(db)[0] == "allocated"


def test_the_address_is_still_right(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, run: int, order: str) -> None:
    assert "Is this still where you live?" not in ada.client.get(order).text
    with transaction(db) as session:
        asking.wish(session, run, date(2026, 12, 4), clock.now())
    [letter] = work(selling)
    assert letter.subject == "Is this still where you live?"
    assert order in letter.text
    page = ada.client.get(order).text
    assert "Is this still where you live?" in page
    assert "You can correct it until the end of 4 December 2026." in page
    assert ada.client.post(f"{order}/address/right").status_code == 303
    assert "The address: you said it is right." in ada.client.get(order).text
    with transaction(db) as session:
        parcels.move(parcels.locked(session, 1), ParcelState.LOCKED, clock.now())
    assert ada.client.post(f"{order}/address/right").status_code == 409
    assert "you said it is right" not in ada.client.get(order).text


def test_a_month_is_kept_until_its_last_day() -> None:
    assert of_month(date(2028, 2, 1)).on == date(2028, 2, 29)
    assert of_month(date(2028, 2, 1)).words == "February 2028"
    assert of_month(date(2027, 3, 1)).days_after(of_month(date(2027, 2, 1))) == timedelta(days=31).days

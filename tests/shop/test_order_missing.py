"""A fan reads that a copy did not come, chooses with one click, and is told by mail what that means."""

import pytest
from flask import Flask

from app.kernel.db import Database
from app.worker import shortfalls
from tests import short
from tests.builders import open_drop
from tests.cast import StoppedClock
from tests.databases import states_of
from tests.shop.shopper import JSON, Shopper, work
from tests.shop.test_orders import bought
from tests.short import said


@pytest.fixture
def order(selling: Flask, ada: Shopper, db: Database) -> str:
    """Ada's paid order of copy 1 of three, €25.95, which did not come; its path. She was written to."""
    open_drop(db, size=3)
    path = bought(ada)
    work(selling)
    short.deliver(db, 1, said(1))
    return path


def test_the_letter_and_the_pages_say_it_all_before(selling: Flask, ada: Shopper, order: str) -> None:
    [letter] = work(selling)
    assert letter.subject == "№ 1/3 did not come from the plant: what would you like?"
    for words in ("€25.95 back now", "in March", "№ 2/3", "Friday 11 December, 20:00 in Berlin", "your money goes back then"):
        assert words in letter.text, words
    assert f"{order}/missing" in letter.text
    page = ada.client.get(order).text
    assert "№ 1/3 did not come." in page
    assert "Next we pack it" not in page
    choices = ada.client.get(f"{order}/missing")
    assert choices.headers["Cache-Control"] == "no-store"
    for words in ("€25.95 back now", "The order is cancelled then", "Take № 2/3", "half an hour to undo"):
        assert words in choices.text, words


def _say(ada: Shopper, order: str, answer: str, **more: object) -> str:
    done = ada.client.post(f"{order}/missing", data={"missing": 1, "answer": answer, **more})
    assert done.status_code == 303, done.text
    return ada.client.get(order).text


def test_money_back_is_undone_and_then_done(selling: Flask, ada: Shopper, db: Database, order: str, clock: StoppedClock) -> None:
    work(selling)
    assert "your money goes back" in _say(ada, order, "refund")
    assert "did not come." in _say(ada, order, "undo")
    _say(ada, order, "refund")
    work(selling)
    assert states_of(db)[0] == "allocated"
    clock.forward(minutes=30)
    subjects = sorted(letter.subject for letter in work(selling))
    assert subjects == ["Order 00001 is cancelled", "€25.95 is on its way back to you"]
    assert [each["amount"] for each in ada.stripe.box.store.all("refund")] == [2595]
    assert (states_of(db)[0], short.states(db)) == ("withdrawn", {1: "refunded"})
    assert "This order was cancelled." in ada.client.get(order).text


def test_another_number_is_theirs_at_once(selling: Flask, ada: Shopper, db: Database, order: str) -> None:
    work(selling)
    page = _say(ada, order, "other", number=2)
    assert "№ 2/3 is yours." in page
    assert "Next we pack it" in page
    [letter] = work(selling)
    assert letter.subject == "In place of № 1/3: № 2/3 is yours"
    shown = ada.client.get(order, headers=JSON).json
    assert shown["copies"] == [{"run": "run-1", "number": 2}]
    assert ada.client.post(f"{order}/missing", data={"missing": 1, "answer": "refund"}).status_code == 409


def test_waiting_is_said_and_ends_when_it_has_come(selling: Flask, ada: Shopper, db: Database, order: str) -> None:
    work(selling)
    assert "You wait for the next issue of № 1/3." in _say(ada, order, "wait")
    [letter] = work(selling)
    assert (letter.subject, "in March" in letter.text) == ("№ 1/3: you wait for the next issue", True)
    short.arrive(db, 1, 1)
    [letter] = work(selling)
    assert letter.subject == "№ 1/3, second issue has come and is yours"
    assert "№ 1/3, second issue is yours." in ada.client.get(order).text


def test_who_says_nothing_hears_that_before_and_after(
    selling: Flask, ada: Shopper, db: Database, order: str, clock: StoppedClock
) -> None:
    del ada
    work(selling)
    clock.forward(days=11)
    shortfalls.look(selling.extensions["runout"], clock.now())
    shortfalls.look(selling.extensions["runout"], clock.now())
    assert [letter.subject for letter in work(selling)] == ["№ 1/3 did not come: your answer is still open"]
    clock.forward(days=3)
    shortfalls.look(selling.extensions["runout"], clock.now())
    [letter] = work(selling)
    assert "did not hear from you" in letter.text
    assert short.states(db) == {1: "refunding"}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"missing": 1, "answer": "burn"}, 422),
        ({"missing": "x", "answer": "wait"}, 422),
        ({"missing": 9, "answer": "wait"}, 404),
        ({"missing": 1, "answer": "other", "number": 3}, 409),
        ({"missing": 1, "answer": "other"}, 422),
    ],
)
def test_what_makes_no_sense_changes_nothing(ada: Shopper, db: Database, order: str, form: dict[str, object], status: int) -> None:
    assert ada.client.post(f"{order}/missing", data=form).status_code == status
    assert short.states(db) == {1: "offered"}


def test_another_orders_copy_is_not_theirs(selling: Flask, ada: Shopper, db: Database, ben: Shopper, order: str) -> None:
    other = bought(ben)
    work(selling)
    assert ben.client.post(f"{other}/missing", data={"missing": 1, "answer": "wait"}).status_code == 404
    assert ben.client.get(f"{other}/missing").status_code == 404
    assert short.states(db) == {1: "offered"}
    del order, ada


def test_a_program_answers(ada: Shopper, order: str) -> None:
    done = ada.client.post(f"{order}/missing", data={"missing": 1, "answer": "wait"}, headers=JSON)
    assert (done.status_code, done.json) == (200, {"state": "waits"})

"""The order's own page through its life, and having its link sent again."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.roles import Role
from app.checkout import aside, mishaps
from app.checkout.correct import correct_email
from app.checkout.mishap_answers import Again, Answer, Answers
from app.checkout.mishaps import Seen
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.fulfilment.models import Trouble
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.orders.models import Order
from app.payments.models import Fate
from tests.builders import BERLIN, give_back, open_drop
from tests.cast import SAM, StoppedClock
from tests.giving import copies_of, desk
from tests.shop.shopper import JSON, Shopper, work
from tests.staff.seat import make_staff


def bought(ada: Shopper, quantity: int = 1) -> str:
    """An order made by buying; its path."""
    hold = ada.take(quantity)
    ada.buy(hold)
    return ada.order(hold)


def link_jobs(db: Database) -> int:
    """How many mails with links wait."""
    with reading(db) as session:
        return session.scalar(select(func.count()).where(Job.kind == "mail.link")) or 0


def test_from_confirmed_to_shipped(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db, size=100)
    order = bought(ada, 2)
    confirmed = ada.client.get(order)
    assert confirmed.headers["Cache-Control"] == "no-store"
    assert confirmed.headers["X-Robots-Tag"] == "noindex"
    assert "These are yours." in confirmed.text
    assert "№ 002/100" in confirmed.text
    work(selling)
    assert "Paid. Next we pack it." in ada.client.get(order).text
    with transaction(db) as session:
        shipping.pack(session, 1, clock.now())
    assert "Packed. It leaves next." in ada.client.get(order).text
    with transaction(db) as session:
        shipping.ship(session, 1, "DHL", "0034", clock.now(), SAM)
    shipped = ada.client.get(order)
    assert "The parcel left on Friday 27 November with DHL." in shipped.text
    assert 'href="https://www.dhl.com/global-en/home/tracking.html?tracking-id=0034"' in shipped.text
    as_json = ada.client.get(order, headers=JSON).json
    assert as_json["state"] == "shipped"
    assert as_json["reference"] == "00001"
    assert as_json["copies"] == [{"run": "run-1", "number": 1}, {"run": "run-1", "number": 2}]
    assert as_json["total"] == {"amount": 4995, "currency": "EUR"}
    assert as_json["tracking"]["number"] == "0034"


def test_what_went_back_is_taken_off_what_it_cost(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db, size=100)
    order = bought(ada, 2)
    work(selling)
    give_back(db, 1, Plan({copies_of(db, 1)[1]: Choice(Fate.PUT_BACK)}))
    page = ada.client.get(order).text
    assert "This one is yours." in page
    cost = " ".join(re.sub("<[^>]+>", " ", page[page.index("What it cost") :]).split())
    assert "№ 001, 002/100 €48.00 Postage" in cost
    assert (
        "Total Tax included €49.95 Given back Mira Vale – Night Bus (100 numbered, clear shell), № 002 −€24.00 Remains €25.95"
        in cost
    )
    assert ada.client.get(order, headers=JSON).json["copies"] == [{"run": "run-1", "number": 1}]


def test_a_bank_that_takes_its_promise_back(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    order = bought(ada)
    intent = ada.stripe.box.store.all("payment_intent")[0]["id"]
    house = selling.extensions["runout"]
    house.gateway.void(intent, "by-the-bank")
    letters = work(selling)
    assert [letter.subject for letter in letters] == ["You were not charged"]
    page = ada.client.get(order)
    assert page.status_code == 200
    assert "You were not charged." in page.text
    assert "No longer yours." in page.text
    assert "№ 01/10" in page.text
    assert ada.client.get(order, headers=JSON).json["state"] == "refused"


@pytest.mark.parametrize("change", ["flip", "cut", "hold", "huge", "nul", "number"])
def test_a_token_that_is_none(ada: Shopper, db: Database, change: str) -> None:
    open_drop(db)
    hold = ada.take()
    ada.buy(hold)
    token = ada.order(hold).removeprefix("/orders/")
    wrong = {
        "flip": token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        "cut": token[:-1],
        "hold": hold.removeprefix("/holds/"),
        "huge": "x" * 10240,
        "nul": "a%00b",
        "number": "1",
    }[change]
    assert ada.client.get(f"/orders/{wrong}").status_code == 404
    assert ada.client.get(f"/orders/{wrong}", headers=JSON).json["code"] == "not-found"


def test_the_answer_does_not_tell_who_has_ordered(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    order = bought(ada)
    work(selling)
    assert ada.client.get("/orders/find").status_code == 200
    known = ada.client.post("/orders/find", data={"email": "Ada@example.org"})
    nobody = ada.client.post("/orders/find", data={"email": "eve@example.org"})
    assert known.status_code == nobody.status_code == 200
    assert known.text.replace("Ada@", "x@") == nobody.text.replace("eve@", "x@")
    letters = work(selling)
    assert [letter.to for letter in letters] == ["ada@example.org"]
    assert f"http://runout-tests{order}" in letters[0].text


def test_one_mail_lists_all_orders_of_one_address(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    first, second = bought(ada), bought(ada)
    ada.email = "ada+tapes@example.org"
    third = bought(ada)
    work(selling)
    ada.client.post("/orders/find", data={"email": "ada@example.org"})
    letters = {letter.to: letter for letter in work(selling)}
    assert set(letters) == {"ada@example.org", "ada+tapes@example.org"}
    assert letters["ada@example.org"].subject == "Your 2 orders"
    assert first in letters["ada@example.org"].text
    assert second in letters["ada@example.org"].text
    assert third not in letters["ada@example.org"].text
    assert third in letters["ada+tapes@example.org"].text


def test_what_was_given_away_is_among_them(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    _drop, run = open_drop(db)
    staff = make_staff(db, "Sam", {1: Role.OWNER})
    with transaction(db) as session:
        copy = session.scalars(select(Copy.id).where(Copy.run_id == run).order_by(Copy.number)).first()
        hold = aside.hold_copy(session, copy or 0, Asked("Ada", "a review", staff, SAM), clock.now() + aside.TOMORROW, clock.now())
        aside.give(session, hold.id, BERLIN, "ada@example.org", clock.now())
    work(selling)
    for other in ("eve@example.org", "ada+tapes@example.org"):
        ada.client.post("/orders/find", data={"email": other})
    assert work(selling) == []
    ada.client.post("/orders/find", data={"email": "ada@example.org"})
    assert [(letter.to, letter.subject) for letter in work(selling)] == [("ada@example.org", "Your order")]


def test_asking_often_sends_little(client: FlaskClient, selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db)
    bought(ada)
    sent = 0
    for _ in range(6):
        assert ada.client.post("/orders/find", data={"email": "ada@example.org"}).status_code == 200
        sent += sum("Your order" in letter.subject for letter in work(selling))
    assert sent == 3
    answers = [ada.client.post("/orders/find", data={"email": f"fan{n}@example.org"}) for n in range(25)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert {answer.status_code for answer in answers} == {200, 429}


@pytest.mark.parametrize(
    "email", ["", "ada", "a" * 300 + "@example.org", "ada@example.org\x00", "ada@example.org\nBcc: eve@example.org", "@", "ada@"]
)
def test_what_is_no_address(client: FlaskClient, db: Database, email: str) -> None:
    answer = client.post("/orders/find", data={"email": email})
    assert answer.status_code == 422
    assert 'href="#f-email"' in answer.text
    assert link_jobs(db) == 0
    assert client.post("/orders/find", data={"email": ["a@example.org", "b@example.org"]}).status_code == 422
    assert client.post("/orders/find", data={"email": email}, headers=JSON).status_code == 422


def test_a_corrected_address_kills_the_old_link(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    open_drop(db)
    hold = ada.take()
    ada.buy(hold)
    old = ada.order(hold)
    work(selling)
    with transaction(db) as session:
        correct_email(session, 1, "ada@right.example.org", clock.now())
    assert ada.client.get(old).status_code == 404
    new = ada.order(hold)
    assert new != old
    letters = work(selling)
    assert [(letter.to, letter.key) for letter in letters] == [("ada@right.example.org", "mail.confirmed.1.again-1")]
    assert new in letters[0].text


def test_a_strangers_words_are_only_words(selling: Flask, ada: Shopper, db: Database) -> None:
    """B63: in the page and in the letters."""
    open_drop(db)
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
    hold = ada.take()
    session = ada.session(ada.press_pay(hold, note=evil))
    ada.stripe.control.pay(
        session,
        name="<script>alert(2)</script>",
        address={"line1": evil[:90], "city": "Berlin", "postal_code": "10115", "country": "DE"},
    )
    order = ada.order(hold)
    page = ada.client.get(order).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    letter = next(letter for letter in work(selling) if letter.key == "mail.confirmed.1")
    for html in (page, letter.html):
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(2)" in html
        assert "49" not in html.split("7*7", 1)[0][-3:]
    with reading(db) as session:
        assert session.get_one(Order, 1).note == evil


def test_a_parcel_that_came_back(selling: Flask, ada: Shopper, db: Database, clock: StoppedClock) -> None:
    """The first order leads to the one that sends it again, which says why, and which the fan cannot cancel."""
    open_drop(db, size=100)
    order = bought(ada)
    work(selling)
    with transaction(db) as session:
        shipping.ship(session, 1, "DHL", "0034", clock.now(), SAM)
        said = Answers({1: Answer(Trouble.CAME_BACK, Again.SAME)})
        mishaps.answer(session, 1, said, Seen(2595, 0), desk(), clock.now())
    first = ada.client.get(order).text
    assert "№ 001/100 came back to us." in first
    [second] = re.findall(r'href="(/orders/[^"]+)">order № 00002', first)
    page = ada.client.get(second).text
    assert "It goes out again." in page
    assert "stands in place of № 00001 and costs you nothing" in page
    assert (f"{second}/address" in page, f"{second}/cancel" in page) == (True, False)
    with transaction(db) as session:
        shipping.ship(session, 2, "DHL", "0035", clock.now(), SAM)
    assert "On its way." in ada.client.get(second).text

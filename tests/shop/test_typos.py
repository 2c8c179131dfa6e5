"""A mistyped e-mail is asked about before the money, once; what was typed stays, and nothing needs a script."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.drops.models import Reminder
from app.fulfilment.models import PostageRate
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.orders.models import Order
from app.payments.models import CheckoutAttempt
from tests.builders import make_drop, make_label, make_release, make_run, open_drop
from tests.cast import NOW
from tests.shop.shopper import JSON, Shopper

TYPED, MEANT = "ada@gmial.com", "ada@gmail.com"
QUESTION = f"Did you mean {MEANT}?"


def _asked_of_stripe(db: Database) -> list[str]:
    """The addresses with which somebody was led to Stripe."""
    with reading(db) as session:
        return [attempt.request["customer_email"] for attempt in session.scalars(select(CheckoutAttempt))]


def _kept(db: Database) -> str:
    with reading(db) as session:
        return session.scalars(select(Hold.email)).one()


def test_the_first_pay_comes_back_with_a_question(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    answer = ada.press_pay(hold, email=TYPED, note="Ring twice")
    assert answer.status_code == 200
    assert QUESTION in answer.text
    assert f'value="{TYPED}"' in answer.text
    assert "Ring twice" in answer.text
    assert _asked_of_stripe(db) == []
    assert QUESTION not in ada.client.get(hold).text


def test_the_same_once_more_is_meant(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    ada.press_pay(hold, email=TYPED)
    ada.session(ada.press_pay(hold, email=TYPED))
    assert _asked_of_stripe(db) == [TYPED]


def test_one_click_takes_the_suggestion_and_goes_on(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    page = ada.press_pay(hold, email=TYPED).text
    [button] = re.findall(r"<button[^>]*name=\"instead\"[^>]*>", page)
    assert f'value="{MEANT}"' in button
    assert f'formaction="{hold}/checkout"' in button
    ada.session(ada.press_pay(hold, email=TYPED, instead=MEANT))
    assert _asked_of_stripe(db) == [MEANT]


def test_who_types_a_third_address_is_taken_at_their_word(ada: Shopper, db: Database) -> None:
    """Enter in the field presses the first button of the form, which offers the suggestion."""
    open_drop(db)
    hold = ada.take()
    ada.press_pay(hold, email=TYPED)
    ada.session(ada.press_pay(hold, email="ada@example.org", instead=MEANT))
    assert _asked_of_stripe(db) == ["ada@example.org"]


def test_another_slip_is_another_question(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    ada.press_pay(hold, email=TYPED)
    assert "Did you mean ada@hotmail.com?" in ada.press_pay(hold, email="ada@hotmial.com").text
    assert _asked_of_stripe(db) == []


def test_updating_the_total_asks_too_and_takes_nobody_to_stripe(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    answer = ada.client.post(f"{hold}/details", data=ada.details(email=TYPED, country="FR"))
    assert (answer.status_code, QUESTION in answer.text, "Pay €38.99" in answer.text) == (200, True, True)
    assert f'formaction="{hold}/details"' in answer.text
    mended = ada.client.post(f"{hold}/details", data=ada.details(email=TYPED, country="FR", instead=MEANT))
    assert (mended.status_code, mended.headers["Location"], _kept(db)) == (303, hold, MEANT)
    assert _asked_of_stripe(db) == []


def test_a_program_is_taken_at_its_word(ada: Shopper, db: Database) -> None:
    open_drop(db)
    hold = ada.take()
    answer = ada.client.post(f"{hold}/checkout", data=ada.details(email=TYPED, shown=ada.shown(hold)), headers=JSON)
    assert (answer.status_code, list(answer.json)) == (200, ["pay"])


def test_an_address_that_was_filled_in_is_not_lost(ada: Shopper, db: Database) -> None:
    open_drop(db, price=0)
    with transaction(db) as session:
        session.execute(update(PostageRate).values(amount=0))
    hold = ada.take()
    where = {"name": "Ada", "line1": "Prüfweg 1", "postal_code": "10115", "city": "Berlin", "shown": "0"}
    answer = ada.press_pay(hold, email=TYPED, **where)
    assert (answer.status_code, QUESTION in answer.text, 'value="Prüfweg 1"' in answer.text) == (200, True, True)
    assert ada.press_pay(hold, email=TYPED, **where).status_code == 303
    with reading(db) as session:
        assert session.scalars(select(Order.email)).all() == [TYPED]


@pytest.mark.parametrize(("email", "asked"), [(TYPED, True), (MEANT, False)])
def test_looking_for_orders_asks_afterwards(app: Flask, db: Database, email: str, asked: bool) -> None:
    answer = app.test_client().post("/orders/find", data={"email": email})
    assert (answer.status_code, QUESTION in answer.text) == (200, asked)
    assert f"If there is an order under {email}" in answer.text


def test_a_reminder_asks_afterwards(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        make_drop(session, [make_run(session, make_release(session, make_label(session)))], opens_at=NOW + timedelta(days=1))
    answer = app.test_client().post("/drops/drop-1/reminders", data={"email": TYPED})
    assert (answer.status_code, QUESTION in answer.text, "Look into your mail." in answer.text) == (200, True, True)
    with reading(db) as session:
        assert session.scalars(select(Reminder.email)).all() == [TYPED]
        assert session.scalars(select(Job.kind)).all() == ["mail.confirm_address"]
    assert app.test_client().post("/drops/drop-1/reminders", data={"email": MEANT}).status_code == 303

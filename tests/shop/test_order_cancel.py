"""A fan cancels their order, and reads what became of the money."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.checkout.parts import Plan
from app.fulfilment import shipping
from app.kernel.db import Database, reading, transaction
from app.payments.states import RefundState
from tests.builders import disputed, give_back, open_drop
from tests.cast import StoppedClock
from tests.databases import states_of
from tests.shop.shopper import JSON, Shopper, work
from tests.shop.test_orders import bought


@pytest.fixture
def order(selling: Flask, ada: Shopper, db: Database) -> str:
    """Ada's paid order of copy 1, €25.95; its path."""
    open_drop(db, size=3)
    path = bought(ada)
    work(selling)
    return path


def test_cancelling_asks_first_and_then_does_it_all(selling: Flask, ada: Shopper, db: Database, order: str) -> None:
    assert f'href="{order}/cancel"' in ada.client.get(order).text
    question = ada.client.get(f"{order}/cancel")
    assert question.headers["Cache-Control"] == "no-store"
    assert "€25.95 goes back to the card you paid with." in question.text
    assert states_of(db)[0] == "allocated"
    done = ada.client.post(f"{order}/cancel")
    assert (done.status_code, done.headers["Location"]) == (303, order)
    assert states_of(db)[0] == "available"
    letters = work(selling)
    assert sorted(letter.subject for letter in letters) == ["Order 00001 is cancelled", "€25.95 is on its way back to you"]
    page = ada.client.get(order).text
    for words in ("This order was cancelled.", "€25.95 is on its way back to you.", "For № 1."):
        assert words in page, words
    assert "/cancel" not in page
    assert [each["amount"] for each in ada.stripe.box.store.all("refund")] == [2595]
    with reading(db) as session:
        [deed] = session.scalars(select(AuditEntry).where(AuditEntry.deed == "order.cancelled_by_fan"))
    assert (deed.staff_id, deed.detail) == (None, {"number": "00001"})
    assert ada.client.get(f"{order}/cancel").status_code == 409
    assert ada.client.post(f"{order}/cancel").status_code == 409


def test_before_the_money_is_taken_nothing_is_charged(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db, size=3)
    path = bought(ada)
    assert "you are not charged" in ada.client.get(f"{path}/cancel").text
    assert ada.client.post(f"{path}/cancel").status_code == 303
    letters = work(selling)
    assert [letter.subject for letter in letters] == ["Order 00001 is cancelled"]
    assert "You were not charged." in ada.client.get(path).text
    assert ada.stripe.box.store.all("payment_intent")[0]["status"] == "canceled"


def test_a_program_cancels(ada: Shopper, order: str) -> None:
    done = ada.client.post(f"{order}/cancel", headers=JSON)
    assert (done.status_code, done.json) == (200, {"state": "cancelled"})
    shown = ada.client.get(order, headers=JSON).json
    assert (shown["state"], shown["refunds"]) == (
        "cancelled",
        [{"amount": {"amount": 2595, "currency": "EUR"}, "state": "wanted"}],
    )
    again = ada.client.post(f"{order}/cancel", headers=JSON)
    assert (again.status_code, again.json["type"].endswith("conflict") or again.json["code"]) == (409, True)


def test_not_once_it_is_packed(ada: Shopper, db: Database, clock: StoppedClock, order: str) -> None:
    with transaction(db) as session:
        shipping.pack(session, 1, clock.now())
    page = ada.client.get(order).text
    assert (f"{order}/cancel" in page, "before it is packed" in page) == (False, False)
    assert ada.client.get(f"{order}/cancel").status_code == 409
    assert ada.client.post(f"{order}/cancel").status_code == 409
    assert states_of(db)[0] == "allocated"


def test_not_while_disputed(ada: Shopper, db: Database, order: str) -> None:
    disputed(db, 1)
    assert f"{order}/cancel" not in ada.client.get(order).text
    assert ada.client.post(f"{order}/cancel").status_code == 409


def test_who_does_not_know_the_token_cancels_nothing(ada: Shopper, db: Database, order: str) -> None:
    stranger = "/orders/1-" + "A" * 27
    assert ada.client.get(f"{stranger}/cancel").status_code == 404
    assert ada.client.post(f"{stranger}/cancel").status_code == 404
    other = ada.client.post(f"{order}/cancel", headers={"Sec-Fetch-Site": "cross-site"})
    assert other.status_code == 403
    assert states_of(db)[0] == "allocated"


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (RefundState.SUCCEEDED, "€5.00 is on its way back to you."),
        (RefundState.PENDING, "€5.00 is on its way back to you."),
        (RefundState.FAILED, "€5.00 could not be given back to your card."),
    ],
)
def test_what_went_back_is_shown(ada: Shopper, db: Database, order: str, state: RefundState, says: str) -> None:
    give_back(db, 1, Plan(amount=500), state)
    page = ada.client.get(order).text
    assert says in page
    assert "Paid. Next we pack it." in page

"""Copies that wait for a decision: of an order that the dashboard cancelled, or sent back by a fan."""

import pytest

from app.checkout.decide import decide, waiting
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict
from app.orders.models import Order
from app.payments.models import Fate
from tests.builders import give_back, open_drop, paid_order, refunded_elsewhere
from tests.cast import NOW, SAM
from tests.databases import states_of
from tests.giving import all_of, copies_of


def _decide(db: Database, order: Order, copies: dict[int, Choice]) -> int:
    with transaction(db) as session:
        return decide(session, order.id, copies, SAM, NOW)


def _waiting(db: Database, order: Order) -> list[int | None]:
    with reading(db) as session:
        return [part.copy_id for part in waiting(session, session.get_one(Order, order.id))]


@pytest.fixture
def bought(db: Database) -> Order:
    """Ada's paid order of copies 1 and 2: €49.95."""
    drop, run = open_drop(db, size=3)
    return paid_order(db, drop, {run: 2})


def test_an_order_that_the_dashboard_cancelled(db: Database, bought: Order) -> None:
    refunded_elsewhere(db, bought.id, 4995)
    assert _waiting(db, bought) == [1, 2]
    assert _decide(db, bought, {1: Choice(Fate.PUT_BACK), 2: Choice(Fate.KEPT)}) == 1
    assert (states_of(db), _waiting(db, bought)) == (["available", "allocated", "available"], [2])
    assert _decide(db, bought, {2: Choice(Fate.WITHDRAWN, "torn inlay")}) == 1
    assert (states_of(db), _waiting(db, bought)) == (["available", "withdrawn", "available"], [])


def test_goods_that_come_back_after_the_money_went(db: Database, bought: Order) -> None:
    with transaction(db) as session:
        shipping.ship(session, bought.id, "DHL", "", NOW, SAM)
    give_back(db, bought.id, Plan(all_of(db, bought.id, Fate.KEPT), whole=True, sent=True))
    assert _waiting(db, bought) == [1, 2]
    _decide(db, bought, {2: Choice(Fate.PUT_BACK)})
    assert states_of(db) == ["shipped", "available", "available"]
    assert copies_of(db, bought.id) == [1]


def test_what_is_not_waiting_is_not_decided(db: Database, bought: Order) -> None:
    refunded_elsewhere(db, bought.id, 4995)
    _decide(db, bought, {1: Choice(Fate.PUT_BACK)})
    for copies, fault in (({1: Choice(Fate.PUT_BACK)}, Conflict), ({3: Choice(Fate.PUT_BACK)}, Conflict), ({}, BadInput)):
        with pytest.raises(fault):
            _decide(db, bought, copies)
    assert states_of(db) == ["available", "allocated", "available"]


def test_what_has_not_left_is_cancelled_instead(db: Database, bought: Order) -> None:
    give_back(db, bought.id, Plan(all_of(db, bought.id, Fate.KEPT), whole=True))
    with pytest.raises(Conflict, match="not left yet"):
        _decide(db, bought, {1: Choice(Fate.PUT_BACK)})

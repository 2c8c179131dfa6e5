"""Races about a parcel that has left: money goes back while another copy is sent, and two people send one for the same copy."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.checkout import mishaps, refund
from app.checkout.mishap_answers import Again, Answer, Answers
from app.checkout.mishaps import Done, Seen
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.fulfilment.models import Trouble
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, Refusal
from app.orders.models import Order
from app.payments.models import Fate, Refund
from tests.builders import open_drop, paid_order
from tests.cast import NOW, SAM
from tests.giving import desk
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

MONEY, WRITTEN = r"INSERT INTO refunds", r"INSERT INTO mishaps"
LOOKED = Seen(left=2595, mishaps=0)


def _left(db: Database) -> int:
    """Ada's order of copy 1 of four has left: €25.95."""
    drop, run = open_drop(db, size=4)
    order = paid_order(db, drop, {run: 1})
    with transaction(db) as session:
        shipping.ship(session, order.id, "DHL", "", NOW, SAM)
    return order.id


def _try(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except Refusal as no:
        return no


def _money(db: Database, order_id: int) -> Refund:
    """One person gives the price back."""
    with transaction(db) as session:
        return refund.ask(session, order_id, Plan({1: Choice(Fate.KEPT)}, sent=True), 2400, desk(), NOW, left=LOOKED.left)


def _another(db: Database, order_id: int) -> Done:
    """Another person sends another copy."""
    with transaction(db) as session:
        said = Answers({1: Answer(Trouble.LOST, Again.OTHER)})
        return mishaps.answer(session, order_id, said, LOOKED, desk(), NOW)


def _orders(db: Database) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count(Order.id))) or 0


def _met(db: Database, first: Callable[[], Any], moment: str, second: Callable[[], Any]) -> tuple[Any, Any]:
    rival = Rival(second)
    with at_statement(db, moment, rival):
        ours = _try(first)
    return ours, rival.finish()


def test_who_sends_a_copy_sees_that_its_money_went_back(db: Database) -> None:
    order = _left(db)
    ours, theirs = _met(db, lambda: _money(db, order), MONEY, lambda: _another(db, order))
    assert (type(ours), type(theirs), _orders(db)) == (Refund, Conflict, 1)


def test_who_gives_money_back_sees_that_a_copy_was_sent(db: Database) -> None:
    order = _left(db)
    ours, theirs = _met(db, lambda: _another(db, order), WRITTEN, lambda: _money(db, order))
    assert (type(ours), type(theirs), _orders(db)) == (Done, Conflict, 2)


def test_two_people_send_one_for_the_same_copy(db: Database) -> None:
    order = _left(db)
    ours, theirs = _met(db, lambda: _another(db, order), WRITTEN, lambda: _another(db, order))
    assert (type(ours), type(theirs), _orders(db)) == (Done, Conflict, 2)


def test_control_money_and_a_copy_without_the_payments_lock(breakable_db: Database) -> None:
    order = _left(breakable_db)
    with no_locks(breakable_db) as bare:
        ours, theirs = _met(bare, lambda: _money(bare, order), MONEY, lambda: _another(bare, order))
    assert (type(ours), type(theirs), _orders(breakable_db)) == (Refund, Done, 2), "without its guard both go to the fan"

"""The many orders of a migration's row are what a shop would have: every invariant holds for them, and the next numbers go on."""

from datetime import timedelta

from sqlalchemy import func, select

from app.invariants import offenders
from app.kernel.db import Database, reading
from app.orders.models import Order
from faults.many import orders_of_the_past
from tests.builders import open_drop, paid_order
from tests.cast import NOW

COUNT = 50


def test_they_are_orders_like_others(db: Database) -> None:
    drop, run = open_drop(db)
    assert orders_of_the_past(db, NOW, COUNT) == COUNT
    order = paid_order(db, drop, {run: 1})
    assert order.number == COUNT + 1
    with reading(db) as session:
        assert session.scalar(select(func.count(Order.id))) == COUNT + 1
        assert offenders(session, NOW + timedelta(minutes=1)) == []

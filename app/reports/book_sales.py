"""When a sale counts in a label's books, and which orders are sales at all."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from app.fulfilment.models import Mishap
from app.orders.models import Order, OrderState
from app.payments.models import Payment
from app.payments.states import PaymentState

When = InstrumentedAttribute[Any] | ColumnElement[Any]
Line = Select[*tuple[Any, ...]]


def sales(line: Callable[[When], Line]) -> tuple[Line, Line]:
    """What was paid for, when its money was taken, and that for which nothing was due, when it was placed.

    `line` selects from Order, given the column of that moment. They are two, as each finds its period by an index of its own.
    """
    paid = line(Payment.ended_at).join(Payment, Payment.order_id == Order.id)
    return paid.where(Payment.state == PaymentState.CAPTURED), line(Order.placed_at).where(_nothing_due())


def _nothing_due() -> ColumnElement[bool]:
    paid = exists().where(Payment.order_id == Order.id).correlate(Order)
    again = exists().where(Mishap.again_order_id == Order.id).correlate(Order)  # what is sent in place of another is no sale
    zero: ColumnElement[int] = literal_column("0")  # written out, as SQLite looks for its index before it knows a parameter
    return and_(Order.total_amount == zero, Order.state == OrderState.PLACED, ~again, ~paid)

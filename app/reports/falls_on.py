"""What of an amount that went back for no copy falls on the copies of an order line: SQL, in minor units, rounded down.

For orders of which no VAT was said, so that no correction of it says so. It falls on copies and postage by what is left of each
once what went back by name is taken off: no copy is lost twice. More than is left of all falls on what was paid for each.
"""

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select
from sqlalchemy.orm import aliased

from app.orders.models import Order, OrderLine
from app.payments.models import Dispute, PartKind, Refund, RefundPart
from app.payments.states import GONE
from app.reports.book_sales import When

_BACK, _PART = aliased(Refund), aliased(RefundPart)


def of_refund(amount: When) -> ColumnElement[int]:
    """Of what the Refund at hand gives back for no copy, on the OrderLine of the Order at hand."""
    return _share(cast(amount, BigInteger), _BACK.id <= Refund.id)  # PostgreSQL adds up to fractions, which are not rounded


def of_dispute() -> ColumnElement[int]:
    """Of the Dispute at hand, which was lost."""
    return _share(Dispute.amount, _BACK.created_at < Dispute.closed_at)


def _share(amount: When, before: ColumnElement[bool]) -> ColumnElement[int]:
    paid = OrderLine.quantity * OrderLine.unit_amount
    left, whole = paid - _named(before, _PART.order_line_id == OrderLine.id), Order.total_amount - _named(before)
    fits = case((amount < whole, amount), else_=whole)
    by_left = func.coalesce(fits * left // func.nullif(whole, 0), 0)
    return by_left + (amount - fits) * paid // Order.total_amount


def _named(before: ColumnElement[bool], *only: ColumnElement[bool]) -> ColumnElement[int]:
    """What went back by then for copies and postage by their names."""
    back = select(func.coalesce(func.sum(_PART.amount), 0)).join(_BACK, _BACK.id == _PART.refund_id)
    mine = back.where(_BACK.order_id == OrderLine.order_id, _BACK.state.in_(GONE), _PART.kind != PartKind.AMOUNT, before, *only)
    return cast(mine.correlate(Refund, Dispute, OrderLine).scalar_subquery(), BigInteger)

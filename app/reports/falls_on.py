"""What a refund or a lost dispute takes off an order line of which no VAT was said: SQL, in minor units, rounded down.

There no correction says so. What goes back for a copy falls on its line; what goes back for nothing by name, and what a bank took,
on lines and postage by what is left of each. All that went back up to one moment is looked at together, and each refund counts
with what it adds to that: so a line never loses more than was paid for it, in whatever sequence money goes back. More than was
paid for all falls on what was paid for each.
"""

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from app.orders.models import Order, OrderLine
from app.payments.models import Dispute, PartKind, Payment, Refund, RefundPart
from app.payments.states import GONE, DisputeState

_BACK, _PART, _LOST, _PAID = aliased(Refund), aliased(RefundPart), aliased(Dispute), aliased(Payment)
_NAMED, _BARE = _PART.kind != PartKind.AMOUNT, _PART.kind == PartKind.AMOUNT


def of_refund() -> ColumnElement[int]:
    """What the Refund at hand adds to what is gone of the OrderLine of the Order at hand."""
    earlier = or_(_BACK.created_at < Refund.created_at, and_(_BACK.created_at == Refund.created_at, _BACK.id < Refund.id))
    lost = _lost(_LOST.closed_at < Refund.created_at)
    return _gone(or_(earlier, _BACK.id == Refund.id), lost) - _gone(earlier, lost)


def of_dispute() -> ColumnElement[int]:
    """What the Dispute at hand, which was lost, adds to it."""
    before = _BACK.created_at <= Dispute.closed_at
    earlier = or_(_LOST.closed_at < Dispute.closed_at, and_(_LOST.closed_at == Dispute.closed_at, _LOST.id < Dispute.id))
    lost = _lost(earlier)
    return _gone(before, lost + Dispute.amount) - _gone(before, lost)


def _gone(then: ColumnElement[bool], lost: ColumnElement[int]) -> ColumnElement[int]:
    """All that is gone of the line by refunds that were begun `then`, and by what banks took: in one look at their parts."""
    paid, named = OrderLine.quantity * OrderLine.unit_amount, _sum_where(_NAMED, _PART.order_line_id == OrderLine.id)
    bare, whole = _sum_where(_BARE) + lost, Order.total_amount - _sum_where(_NAMED)
    gone = case((bare < whole, named + bare * (paid - named) // whole), else_=paid + (bare - whole) * paid // Order.total_amount)
    parts = select(gone).join_from(_PART, _BACK, _BACK.id == _PART.refund_id)
    mine = parts.where(_BACK.order_id == OrderLine.order_id, _BACK.state.in_(GONE), then)
    return mine.correlate(Refund, Dispute, OrderLine, Order).scalar_subquery()


def _sum_where(*only: ColumnElement[bool]) -> ColumnElement[int]:
    # The sum is a fraction on PostgreSQL.
    return cast(func.coalesce(func.sum(case((and_(*only), _PART.amount), else_=0)), 0), BigInteger)


def _lost(then: ColumnElement[bool]) -> ColumnElement[int]:
    lost = select(func.coalesce(func.sum(_LOST.amount), 0)).join(_PAID, _PAID.id == _LOST.payment_id)
    mine = lost.where(_PAID.order_id == OrderLine.order_id, _LOST.state == DisputeState.LOST, then)
    return cast(mine.correlate(Refund, Dispute, OrderLine).scalar_subquery(), BigInteger)

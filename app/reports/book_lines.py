"""The lines that a label's books are made of: what was sold and what went back, each with its order and its moment.

Every figure of the books is a sum over these, so that each can be followed to its rows.
"""

from typing import Any

from sqlalchemy import Subquery, case, literal, null, select, union_all

from app.orders.models import Order, OrderLine
from app.payments.models import Dispute, Fate, PartKind, Payment, Refund, RefundPart
from app.payments.states import GONE, DisputeState
from app.reports.book_sales import Line, When, sales
from app.reports.book_wish import Kind, Wish


def lines(wish: Wish) -> Subquery:
    """at, kind, order_id, run_id (empty for what is of no run), country, copies, amount: a sub-select to be summed or listed.

    A sale counts when its money was taken, an order for which nothing is due when it was placed, and what went back when that
    was begun; amounts are in minor units of the label's currency.
    """
    return union_all(*(_of(wish, each) for each in (*_sales(), *_backs(), _dispute()))).subquery("lines")


def _of(wish: Wish, line: Line) -> Line:
    """The lines of one kind that were wished for."""
    at, kind, run = (line.selected_columns[name] for name in ("at", "kind", "run_id"))
    found = line.where(Order.label_id == wish.label_id, at >= wish.period.begins, at < wish.period.ends)
    if wish.run_id is not None:
        found = found.where(run == wish.run_id)
    if wish.country is not None:
        found = found.where(Order.country == wish.country)
    if wish.kind is not None:
        found = found.where(kind == wish.kind.value)
    return found


def _line(at: When, kind: Kind, run: Any, copies: Any, amount: Any) -> Line:
    return select(
        at.label("at"),
        literal(kind.value).label("kind"),
        Order.id.label("order_id"),
        run.label("run_id"),
        Order.country.label("country"),
        copies.label("copies"),
        amount.label("amount"),
    )


def _sales() -> tuple[Line, Line, Line]:
    quantity = OrderLine.quantity

    def goods(at: When) -> Line:
        line = _line(at, Kind.GOODS, OrderLine.run_id, quantity, quantity * OrderLine.unit_amount)
        return line.select_from(Order).join(OrderLine, OrderLine.order_id == Order.id)

    def postage(at: When) -> Line:
        line = _line(at, Kind.POSTAGE, null(), literal(0), Order.postage_amount)
        return line.select_from(Order).where(Order.postage_amount > 0)

    paid, _ = sales(postage)  # there is none where nothing was due
    return (*sales(goods), paid)


def _backs() -> tuple[Line, Line, Line]:
    stays = case((RefundPart.fate == Fate.KEPT, 0), else_=-1)
    goods = _line(Refund.created_at, Kind.GOODS_BACK, OrderLine.run_id, stays, -RefundPart.amount)
    postage = _line(Refund.created_at, Kind.POSTAGE_BACK, null(), literal(0), -RefundPart.amount)
    kindness = _line(Refund.created_at, Kind.KINDNESS, null(), literal(0), -RefundPart.amount)
    return (
        _gone(goods, PartKind.COPY).join(OrderLine, OrderLine.id == RefundPart.order_line_id),
        _gone(postage, PartKind.POSTAGE),
        _gone(kindness, PartKind.AMOUNT),
    )


def _gone(line: Line, kind: PartKind) -> Line:
    parts = line.select_from(RefundPart).join(Refund, Refund.id == RefundPart.refund_id).join(Order, Order.id == Refund.order_id)
    return parts.where(RefundPart.kind == kind, Refund.state.in_(GONE))


def _dispute() -> Line:
    line = _line(Dispute.closed_at, Kind.DISPUTE, null(), literal(0), -Dispute.amount)
    found = line.select_from(Dispute).join(Payment, Payment.id == Dispute.payment_id).join(Order, Order.id == Payment.order_id)
    return found.where(Dispute.state == DisputeState.LOST)

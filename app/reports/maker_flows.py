"""What runs brought, as lines for those who have a share in it: what was paid for copies, less VAT and what Stripe kept.

Postage is no line. What went back for no copy, and what a bank took back, falls on copies and postage by what is left of each, as
the corrections of their VAT have it; where there are none, as falls_on has it.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, exists, func, literal, select, union_all

from app.orders.models import Order, OrderLine
from app.orders.vat_models import OrderTax, TaxCorrection
from app.payments.fee_models import FeePart, PaymentFee
from app.payments.models import Dispute, Fate, PartKind, Payment, Refund, RefundPart
from app.payments.states import GONE, DisputeState, PaymentState
from app.reports import falls_on, taken_tax
from app.reports.book_sales import Line, When, sales
from app.reports.minutes import minute_of

SUMS = ("copies", "gross", "tax", "fee")


class Flow(StrEnum):
    """What a line is of."""

    SALE = "sale"
    BACK = "back"  # given back for copies
    KINDNESS = "kindness"  # given back for no copy
    DISPUTE = "dispute"  # taken back by a bank, for good
    DISPUTE_FEE = "dispute-fee"


def flows(run_ids: Collection[int], begins: datetime | None, ends: datetime) -> Subquery:
    """at, sold_at, kind, order_id, run_id, copies, gross, tax, fee: gross is what was paid, below zero for what went back.

    Tax is part of gross and has its sign; a fee is above zero where Stripe kept it.
    """
    return union_all(*(_within(each, run_ids, begins, ends) for each in _each_sale())).subquery("flows")


def by_minute(run_ids: Collection[int], begins: datetime | None, ends: datetime) -> Line:
    """run_id, minute, minute of the sale ("2026-11-27 19:05", in UTC), copies, gross, tax and fee, summed and in sequence.

    What each kind brought is summed before they are put together, and a sale's fee by itself: both halve the time that it takes.
    """
    every = (_summed(_within(each, run_ids, begins, ends), sold_then=then) for each, then in _for_sums())
    merged = union_all(*every).subquery("merged")
    key = (merged.c.run_id, merged.c.at, merged.c.sold_at)
    sums = [func.sum(merged.c[name]).label(name) for name in SUMS]
    return select(*key, *sums).group_by(*key).order_by(merged.c.at, merged.c.sold_at, merged.c.run_id)


def _summed(line: Line, *, sold_then: bool) -> Line:
    """`sold_then`: each line is of the moment of its sale. Then one minute is enough, which saves a tenth of the time."""
    found = line.subquery()
    minute = minute_of(found.c.at)
    sold = minute if sold_then else minute_of(found.c.sold_at)
    sums = [func.sum(found.c[name]).label(name) for name in SUMS]
    keys = (found.c.run_id, minute) if sold_then else (found.c.run_id, minute, sold)
    return select(found.c.run_id, minute.label("at"), sold.label("sold_at"), *sums).group_by(*keys)


def one_by_one(run_ids: Collection[int], begins: datetime, ends: datetime) -> Line:
    """Every line with its order's number, in a sequence in which those of one minute stand as by_minute sums them."""
    found = flows(run_ids, begins, ends)
    wanted = select(found, Order.number).join(Order, Order.id == found.c.order_id)
    minutes = minute_of(found.c.at), minute_of(found.c.sold_at)
    sales_first = case((found.c.kind == Flow.SALE.value, 0), else_=1)
    return wanted.order_by(*minutes, found.c.run_id, found.c.at, sales_first, found.c.order_id, found.c.kind)


def _within(line: Line, run_ids: Collection[int], begins: datetime | None, ends: datetime) -> Line:
    at = line.selected_columns["at"]
    found = line.where(OrderLine.run_id.in_(run_ids), at < ends)
    return found if begins is None else found.where(at >= begins)


@cache  # putting them together takes as long as a small query
def _each_sale() -> tuple[Line, ...]:
    return (*sales(_sale_with_fee), *_others())


@cache
def _for_sums() -> tuple[tuple[Line, bool], ...]:
    return (*((each, True) for each in (*sales(_sale), _sale_fees())), *((each, False) for each in _others()))


def _others() -> tuple[Line, ...]:
    return (_backs(), _spread(), _kindness(), _disputes(), _dispute_fees())


def _line(kind: Flow, at: Any, sold_at: Any, copies: Any, gross: Any, tax: Any, fee: Any) -> Line:
    return select(
        at.label("at"),
        sold_at.label("sold_at"),
        literal(kind.value).label("kind"),
        OrderLine.order_id.label("order_id"),
        OrderLine.run_id.label("run_id"),
        copies.label("copies"),
        gross.label("gross"),
        tax.label("tax"),
        fee.label("fee"),
    )


def _sale(at: When, fee: Any = literal(0)) -> Line:
    gross = OrderLine.quantity * OrderLine.unit_amount
    tax = func.coalesce(OrderTax.tax, 0)
    line = _line(Flow.SALE, at, at, OrderLine.quantity, gross, tax, fee).select_from(OrderLine)
    taxed = line.outerjoin(OrderTax, OrderTax.order_line_id == OrderLine.id)
    return taxed.join(Order, Order.id == OrderLine.order_id)


def _sale_with_fee(at: When) -> Line:
    parts = select(func.coalesce(func.sum(FeePart.amount), 0)).join(PaymentFee, PaymentFee.id == FeePart.fee_id)
    return _sale(at, parts.where(FeePart.order_line_id == OrderLine.id, PaymentFee.dispute_id.is_(None)).scalar_subquery())


def _sale_fees() -> Line:
    line = _line(Flow.SALE, Payment.ended_at, Payment.ended_at, literal(0), literal(0), literal(0), FeePart.amount)
    return _fees(line).where(PaymentFee.dispute_id.is_(None), Payment.state == PaymentState.CAPTURED)


def _backs() -> Line:
    """One line for each refund and order line."""
    came_back = func.sum(case((RefundPart.fate == Fate.KEPT, 0), else_=1))
    gone = case((taken_tax.said(), taken_tax.of_refund(taken_tax.ALL)), else_=falls_on.of_refund())
    tax = taken_tax.of_refund()
    line = _line(Flow.BACK, Refund.created_at, Payment.ended_at, -came_back, -gone, -tax, literal(0))
    parts = line.select_from(RefundPart).join(Refund, Refund.id == RefundPart.refund_id)
    found = parts.join(OrderLine, OrderLine.id == RefundPart.order_line_id).join(Payment, Payment.id == Refund.payment_id)
    orders = found.join(Order, Order.id == OrderLine.order_id)
    return _each(orders.where(RefundPart.kind == PartKind.COPY, Refund.state.in_(GONE)))


def _spread() -> Line:
    """What a refund takes off order lines of which it names no copy, as the corrections of their VAT have it."""
    gross, tax = -taken_tax.ALL, -taken_tax.TAX
    line = _line(Flow.KINDNESS, Refund.created_at, Payment.ended_at, literal(0), gross, tax, literal(0))
    rows = line.select_from(TaxCorrection).join(Refund, Refund.id == TaxCorrection.refund_id)
    lines = rows.join(OrderTax, OrderTax.id == TaxCorrection.order_tax_id).join(OrderLine, OrderLine.id == OrderTax.order_line_id)
    paid = lines.join(Payment, Payment.id == Refund.payment_id)
    return paid.where(Refund.state.in_(GONE), ~_names_a_copy())


def _kindness() -> Line:
    """The same where nothing had been said about VAT: a line for each refund and order line."""
    gone = falls_on.of_refund()
    line = _line(Flow.KINDNESS, Refund.created_at, Payment.ended_at, literal(0), -gone, literal(0), literal(0))
    backs = line.select_from(Refund).join(Payment, Payment.id == Refund.payment_id).join(Order, Order.id == Refund.order_id)
    lines = backs.join(OrderLine, OrderLine.order_id == Order.id)
    return lines.where(Refund.state.in_(GONE), ~taken_tax.said(), ~_names_a_copy(), gone != 0)


def _names_a_copy() -> ColumnElement[bool]:
    """Is some of the Refund at hand for a copy of the OrderLine at hand?"""
    return exists().where(RefundPart.refund_id == Refund.id, RefundPart.order_line_id == OrderLine.id).correlate(Refund, OrderLine)


def _each(found: Line) -> Line:
    line = (OrderLine.id, OrderLine.order_id, OrderLine.run_id, OrderLine.quantity, OrderLine.unit_amount)
    return found.group_by(Refund.id, Refund.created_at, Payment.ended_at, *line, Order.total_amount)


def _disputes() -> Line:
    gone = case((taken_tax.said(), taken_tax.of_dispute(taken_tax.ALL)), else_=falls_on.of_dispute())
    tax = taken_tax.of_dispute()
    line = _line(Flow.DISPUTE, Dispute.closed_at, Payment.ended_at, literal(0), -gone, -tax, literal(0))
    disputes = line.select_from(Dispute).join(Payment, Payment.id == Dispute.payment_id)
    orders = disputes.join(Order, Order.id == Payment.order_id).join(OrderLine, OrderLine.order_id == Order.id)
    return orders.where(Dispute.state == DisputeState.LOST, Order.total_amount > 0)


def _dispute_fees() -> Line:
    line = _line(Flow.DISPUTE_FEE, PaymentFee.at, Payment.ended_at, literal(0), literal(0), literal(0), FeePart.amount)
    return _fees(line).join(Dispute, Dispute.id == PaymentFee.dispute_id)  # of few disputes, so not looked for among all fees


def _fees(line: Line) -> Line:
    parts = line.select_from(FeePart).join(PaymentFee, PaymentFee.id == FeePart.fee_id)
    return parts.join(OrderLine, OrderLine.id == FeePart.order_line_id).join(Payment, Payment.id == PaymentFee.payment_id)

"""The lines that a label's VAT is made of: what was taxed when it was sold, and what was corrected when money went back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, literal, select, union_all

from app.orders.models import Order
from app.orders.vat_models import OrderTax, TaxCorrection, TaxedAs
from app.payments.models import Dispute, Payment, Refund
from app.payments.states import GONE, DisputeState, PaymentState
from app.reports.book_period import Period
from app.reports.vat_quarter import Quarter

Line = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class VatWish:
    """Which lines: of a label and a period; taxed so, in one country, at one rate, correcting one quarter, where asked.

    `corrects` is None for all of them, else a quarter; lines of sales correct the quarter in which they are themselves.
    """

    label_id: int
    period: Period
    taxed_as: TaxedAs | None = None
    country: str | None = None
    rate: int | None = None
    corrects: Quarter | None = None


def lines(wish: VatWish) -> Subquery:
    """at, sold_at, what (sale, refund, dispute), order_id, line_id, taxed_as, country, rate, net, tax: to be summed or listed.

    A sale counts when its money was taken, a correction when the refund was begun or the dispute lost; below zero then.
    """
    return union_all(*(_of(wish, each) for each in (_sales(), _refunds(), _disputes()))).subquery("vat_lines")


def _of(wish: VatWish, line: Line) -> Line:
    at, sold_at = line.selected_columns["at"], line.selected_columns["sold_at"]
    found = line.where(Order.label_id == wish.label_id, at >= wish.period.begins, at < wish.period.ends)
    asked = (OrderTax.taxed_as, wish.taxed_as), (OrderTax.country, wish.country), (OrderTax.rate, wish.rate)
    for column, value in asked:
        if value is not None:
            found = found.where(column == value)
    if wish.corrects is not None:
        period = wish.corrects.period
        found = found.where(sold_at >= period.begins, sold_at < period.ends)
    return found.where(OrderTax.net + OrderTax.tax > 0)


def _line(what: str, at: Any, net: Any, tax: Any, *conditions: ColumnElement[bool]) -> Line:
    return select(
        at.label("at"),
        Payment.ended_at.label("sold_at"),
        literal(what).label("what"),
        Order.id.label("order_id"),
        OrderTax.order_line_id.label("line_id"),
        OrderTax.taxed_as.label("taxed_as"),
        OrderTax.country.label("country"),
        OrderTax.rate.label("rate"),
        net.label("net"),
        tax.label("tax"),
    ).where(Payment.state == PaymentState.CAPTURED, *conditions)


def _sales() -> Line:
    line = _line("sale", Payment.ended_at, OrderTax.net, OrderTax.tax)
    return line.select_from(Order).join(Payment, Payment.order_id == Order.id).join(OrderTax, OrderTax.order_id == Order.id)


def _corrections(line: Line) -> Line:
    return (
        line.select_from(TaxCorrection)
        .join(OrderTax, OrderTax.id == TaxCorrection.order_tax_id)
        .join(Order, Order.id == OrderTax.order_id)
        .join(Payment, Payment.order_id == Order.id)
    )


def _refunds() -> Line:
    line = _line("refund", Refund.created_at, -TaxCorrection.net, -TaxCorrection.tax, Refund.state.in_(GONE))
    return _corrections(line).join(Refund, Refund.id == TaxCorrection.refund_id)


def _disputes() -> Line:
    lost = Dispute.state == DisputeState.LOST
    line = _line("dispute", Dispute.closed_at, -TaxCorrection.net, -TaxCorrection.tax, lost)
    return _corrections(line).join(Dispute, Dispute.id == TaxCorrection.dispute_id)

"""VAT in what went back of one order line, as makers' statements take it off.

Each is a sub-select in minor units, 0 where the label keeps no VAT.
"""

from sqlalchemy import ColumnElement, Select, func, select

from app.orders.models import OrderLine
from app.orders.vat_models import OrderTax, TaxCorrection
from app.payments.models import Dispute, Refund


def of_refund() -> ColumnElement[int]:
    """What the Refund at hand takes off the tax of the OrderLine at hand."""
    return _corrected().where(TaxCorrection.refund_id == Refund.id).correlate(OrderLine, Refund).scalar_subquery()


def of_dispute() -> ColumnElement[int]:
    """What the Dispute at hand, which was lost, takes off it."""
    return _corrected().where(TaxCorrection.dispute_id == Dispute.id).correlate(OrderLine, Dispute).scalar_subquery()


def _corrected() -> Select[int]:
    found = select(func.coalesce(func.sum(TaxCorrection.tax), 0)).join(OrderTax, OrderTax.id == TaxCorrection.order_tax_id)
    return found.where(OrderTax.order_line_id == OrderLine.id)

"""What a refund or a lost dispute took off one order line, by the corrections of its VAT, as makers' statements take it off.

Each is a sub-select in minor units, 0 where there are none: where nothing had been said about VAT when the order was placed.
"""

from sqlalchemy import ColumnElement, Select, exists, func, select

from app.orders.models import OrderLine
from app.orders.vat_models import OrderTax, TaxCorrection, TaxedAs
from app.payments.models import Dispute, Refund
from app.reports.book_sales import When

TAX, ALL = TaxCorrection.tax, TaxCorrection.net + TaxCorrection.tax  # what of it is VAT, and VAT and all


def said() -> ColumnElement[bool]:
    """Had it been said for the OrderLine at hand how it is taxed, if only that it is not?"""
    return exists().where(OrderTax.order_line_id == OrderLine.id, OrderTax.taxed_as != TaxedAs.UNSAID).correlate(OrderLine)


def of_refund(what: When = TAX) -> ColumnElement[int]:
    """What the Refund at hand takes off the OrderLine at hand."""
    return _corrected(what).where(TaxCorrection.refund_id == Refund.id).correlate(OrderLine, Refund).scalar_subquery()


def of_dispute(what: When = TAX) -> ColumnElement[int]:
    """What the Dispute at hand, which was lost, takes off it."""
    return _corrected(what).where(TaxCorrection.dispute_id == Dispute.id).correlate(OrderLine, Dispute).scalar_subquery()


def _corrected(what: When) -> Select[int]:
    found = select(func.coalesce(func.sum(what), 0)).join(OrderTax, OrderTax.id == TaxCorrection.order_tax_id)
    return found.where(OrderTax.order_line_id == OrderLine.id)

"""Corrections of what an order was taxed, frozen when money goes back."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, case, func, insert, or_, select
from sqlalchemy.orm import Session

from app.orders.corrections import Back, Taxed, corrections
from app.orders.vat_models import OrderTax, TaxCorrection, TaxedAs
from app.payments.models import Dispute, PartKind, Refund
from app.payments.states import GIVEN, DisputeState


def by_refund(session: Session, refund: Refund) -> None:
    """What a refund takes off its order's taxes; nothing for money without an order, and once for each refund."""
    if refund.order_id is None or _done(session, TaxCorrection.refund_id == refund.id):
        return
    parts = [Back(part.amount, part.order_line_id, part.kind is PartKind.AMOUNT) for part in refund.parts]
    _correct(session, refund.order_id, parts, refund_id=refund.id)


def by_dispute(session: Session, dispute: Dispute, order_id: int) -> None:
    """The same for a dispute that was lost."""
    if dispute.state is DisputeState.LOST and not _done(session, TaxCorrection.dispute_id == dispute.id):
        _correct(session, order_id, [Back(dispute.amount, any_row=True)], dispute_id=dispute.id)


def _correct(session: Session, order_id: int, parts: Iterable[Back], **cause: int) -> None:
    found = corrections(_rows(session, order_id), parts)
    rows = [{"order_tax_id": each.row_id, "net": each.net, "tax": each.tax, **cause} for each in found]
    if rows:
        session.execute(insert(TaxCorrection), rows)


def _rows(session: Session, order_id: int) -> list[Taxed]:
    """The taxes of an order with what counts as gone back; nothing of one whose label had not said how it keeps VAT."""
    session.flush()
    counts = or_(Refund.state.in_(GIVEN), Dispute.state == DisputeState.LOST)
    back, tax = (func.coalesce(func.sum(case((counts, amount), else_=0)), 0) for amount in (_GROSS, TaxCorrection.tax))
    rows = (
        select(OrderTax.id, OrderTax.order_line_id, OrderTax.net, OrderTax.tax, back, tax)
        .outerjoin(TaxCorrection, TaxCorrection.order_tax_id == OrderTax.id)
        .outerjoin(Refund, Refund.id == TaxCorrection.refund_id)
        .outerjoin(Dispute, Dispute.id == TaxCorrection.dispute_id)
        .where(OrderTax.order_id == order_id, OrderTax.taxed_as != TaxedAs.UNSAID, OrderTax.net + OrderTax.tax > 0)
        .group_by(OrderTax.id)
        .order_by(OrderTax.id)
    )
    return [
        Taxed(id_, line_id, net, tax, int(gone), int(gone_tax)) for id_, line_id, net, tax, gone, gone_tax in session.execute(rows)
    ]


_GROSS = TaxCorrection.net + TaxCorrection.tax


def _done(session: Session, cause: ColumnElement[bool]) -> bool:
    return session.scalar(select(TaxCorrection.id).where(cause).limit(1)) is not None

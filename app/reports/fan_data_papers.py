"""What else is written about a fan's order: its invoices, and copies of it that did not come."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory.delivery_models import Shortfall
from app.orders.vat_models import Invoice
from app.payments.models import RefundPart

Facts = dict[str, Any]


def invoices(session: Session, order_id: int) -> list[Facts]:
    """Invoices and credit notes, with the name and address as they were."""
    found = session.scalars(select(Invoice).where(Invoice.order_id == order_id).order_by(Invoice.id))
    return [
        {"kind": each.kind.value, "number": f"{each.prefix}{each.number}", "at": each.issued_at.isoformat(), "buyer": each.buyer}
        for each in found
    ]


def did_not_come(session: Session, line_ids: Sequence[int]) -> list[Facts]:
    """Copies that the plant did not deliver, with what was answered and what staff noted."""
    found = session.scalars(select(Shortfall).where(Shortfall.order_line_id.in_(line_ids)).order_by(Shortfall.id))
    return [{"at": each.offered_at.isoformat(), "state": each.state.value, "words": each.words} for each in found]


def withdrawn_because(session: Session, refund_id: int) -> list[str]:
    """Why copies were withdrawn for which money went back."""
    said = select(RefundPart.words).where(RefundPart.refund_id == refund_id, RefundPart.words != "")
    return list(session.scalars(said.order_by(RefundPart.id)))

"""The invoice of an order and its credit notes, as its pages list them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.orders.models import Order
from app.orders.vat_models import Invoice, InvoiceKind


@dataclass(frozen=True)
class InvoiceRow:
    """One of them."""

    id: int
    reference: str
    credits: bool
    issued_on: date
    total: Money


def of_order(session: Session, order: Order) -> tuple[InvoiceRow, ...]:
    """In the sequence in which they were written."""
    mine = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id)
    return tuple(
        InvoiceRow(
            row.id,
            row.reference,
            row.kind is InvoiceKind.CREDIT_NOTE,
            date.fromisoformat(row.facts["issued_on"]),
            Money(row.total, order.currency),
        )
        for row in session.scalars(mine)
    )


def one(session: Session, order_id: int, invoice_id: int) -> Invoice:
    """One of an order's; NotFound for another's."""
    found = session.get(Invoice, invoice_id)
    if found is None or found.order_id != order_id:
        raise NotFound("There is no such invoice.")
    return found

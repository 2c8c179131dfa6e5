"""What staff noted about orders, with who and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Staff
from app.orders.models import OrderNote


@dataclass(frozen=True)
class Note:
    """One note."""

    at: datetime
    who: str
    text: str
    on_slip: bool


def notes(session: Session, order_id: int) -> tuple[Note, ...]:
    """All notes about an order, oldest first."""
    wanted = select(OrderNote, Staff.name).join(Staff, Staff.id == OrderNote.staff_id).where(OrderNote.order_id == order_id)
    found = session.execute(wanted.order_by(OrderNote.id))
    return tuple(Note(note.at, who, note.text, note.on_slip) for note, who in found)


def on_slips(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The texts that go with the parcels of these orders, oldest first; orders without any are left out."""
    wanted = select(OrderNote.order_id, OrderNote.text).where(OrderNote.order_id.in_(order_ids), OrderNote.on_slip)
    found: dict[int, tuple[str, ...]] = {}
    for order_id, text in session.execute(wanted.order_by(OrderNote.id)):
        found[order_id] = (*found.get(order_id, ()), text)
    return found

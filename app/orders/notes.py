"""Notes that staff write about an order: added, never changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.orders.models import OrderNote

LONGEST = 1000  # signs: a slip has room for little more


def write(session: Session, order_id: int, staff_id: int, text: str, now: datetime, *, on_slip: bool) -> OrderNote:
    """Add a note; the order exists and the text is not empty."""
    note = OrderNote(order_id=order_id, staff_id=staff_id, at=now, text=text, on_slip=on_slip)
    session.add(note)
    session.flush()
    return note

"""The copies of a drop that staff hold for somebody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inventory.holds import live
from app.inventory.models import Copy, DeskHold, Hold
from app.reports.day_holds import copies_of
from app.reports.run_names import SomeCopies


@dataclass(frozen=True)
class AsideRow:
    """Copies that staff hold for somebody until a time."""

    for_whom: str
    reason: str
    until: datetime
    copy_id: int
    copies: tuple[SomeCopies, ...]


def asides(session: Session, drop_id: int) -> tuple[AsideRow, ...]:
    """What staff hold in this drop, the first to end first."""
    wanted = select(Hold, DeskHold).join(DeskHold, DeskHold.hold_id == Hold.id).where(Hold.drop_id == drop_id, live())
    found = session.execute(wanted.order_by(Hold.expires_at, Hold.id)).all()
    ids = [hold.id for hold, _ in found]
    copies = copies_of(session, ids)
    first = dict(session.execute(select(Copy.hold_id, func.min(Copy.id)).where(Copy.hold_id.in_(ids)).group_by(Copy.hold_id)).all())
    return tuple(
        AsideRow(known.for_whom, known.reason, hold.expires_at, first[hold.id], tuple(copies[hold.id])) for hold, known in found
    )

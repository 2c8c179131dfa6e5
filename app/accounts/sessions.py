"""Ending sessions: a browser is signed out at once, in every process; what is long over is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import StaffSession
from app.kernel.errors import NotFound

KEPT = timedelta(days=90)
_AT_ONCE = 500  # rows in one go


def end(session: Session, staff_id: int, session_id: int, now: datetime) -> None:
    """Sign one browser of a person out; NotFound when it is none of theirs, or signed out already."""
    live = (StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    mine = update(StaffSession).where(StaffSession.id == session_id, *live)
    if session.execute(mine.values(ended_at=now).returning(StaffSession.id)).scalar() is None:
        raise NotFound("There is no such session.")


def end_others(session: Session, staff_id: int, but: int, now: datetime) -> int:
    """Sign every other browser of a person out; how many."""
    others = update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.id != but, StaffSession.ended_at.is_(None))
    return len(session.scalars(others.values(ended_at=now).returning(StaffSession.id)).all())


def sweep(session: Session, now: datetime) -> None:
    """Forget sessions last seen long ago; the audit log keeps who signed in.

    Each person's last one stays, and the last with a second factor: it tells that they were here before.
    """
    last = select(func.max(StaffSession.id)).group_by(StaffSession.staff_id)
    over = select(StaffSession.id).where(
        StaffSession.seen_at < now - KEPT,
        StaffSession.id.not_in(last),
        StaffSession.id.not_in(last.where(StaffSession.proven_at.is_not(None))),
    )
    session.execute(delete(StaffSession).where(StaffSession.id.in_(over.order_by(StaffSession.id).limit(_AT_ONCE))))

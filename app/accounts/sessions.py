"""Ending sessions: a browser is signed out at once, in every process."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import StaffSession
from app.kernel.errors import NotFound


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

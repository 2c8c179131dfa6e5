"""Lets the time of a hold stand still while its fan waits for somebody else; bounded, and written down."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.inventory.models import Hold, HoldFreeze

STEP = timedelta(minutes=1)
MOST = 10  # minutes, in the whole life of a hold


def stand_still(session: Session, hold: Hold, now: datetime) -> None:
    """Make good the next minute of waiting, and what is overdue already; the hold is locked."""
    frozen = session.get(HoldFreeze, hold.id) or HoldFreeze(hold_id=hold.id, minutes=0)
    overdue = max(timedelta(0), now - hold.expires_at)
    minutes = min(1 + overdue // STEP, MOST - frozen.minutes)
    hold.expires_at += minutes * STEP
    frozen.minutes, frozen.until = frozen.minutes + minutes, now + STEP
    session.add(frozen)
    session.flush()


def given(session: Session, hold_id: int) -> timedelta:
    """How much longer a hold became by waiting."""
    frozen = session.get(HoldFreeze, hold_id)
    return frozen.minutes * STEP if frozen else timedelta(0)

"""The worker's own look at the invariants: counts the offenders per invariant, and rests while a drop opens."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.invariants import INVARIANTS, offenders

log = structlog.get_logger()

REST = timedelta(minutes=10)  # on both sides of an opening


def look(session: Session, now: datetime, window: timedelta | None) -> dict[str, int]:
    """Offenders per invariant id, for history as far back as `window` or (None) for all of it; empty while it rests."""
    near = select(Drop.id).where(Drop.published_at.is_not(None), Drop.opens_at.between(now - REST, now + REST))
    if session.scalar(near.limit(1)) is not None:
        return {}
    broken = offenders(session, now, now - window if window else None)
    for each, rows in broken:
        log.error("invariant broken", invariant=each.id, why=each.why, offenders=len(rows))
    return dict.fromkeys((each.id for each in INVARIANTS), 0) | {each.id: len(rows) for each, rows in broken}

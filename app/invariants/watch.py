"""The worker's own look at the invariants: a window every few minutes, everything once a night, resting while a drop opens."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.invariants import INVARIANTS, offenders
from app.kernel import findings
from app.kernel.db import Database, reading, transaction

log = structlog.get_logger()

REST = timedelta(minutes=10)  # on both sides of an opening


def watch(window: timedelta | None) -> Callable[[Database, datetime], None]:
    """A look that goes back as far as `window`, or over everything."""

    def look(db: Database, now: datetime) -> None:
        """Count the offenders outside any write lock, then note them."""
        with reading(db) as session:
            if _opening(session, now):
                return
            broken = offenders(session, now, now - window if window else None)
        found = dict.fromkeys((each.id for each in INVARIANTS), 0) | {each.id: len(rows) for each, rows in broken}
        for each, rows in broken:
            log.error("invariant broken", invariant=each.id, why=each.why, offenders=len(rows))
        with transaction(db) as session:
            findings.note(session, found, now)

    return look


def _opening(session: Session, now: datetime) -> bool:
    near = select(Drop.id).where(Drop.published_at.is_not(None), Drop.opens_at.between(now - REST, now + REST))
    return session.scalar(near.limit(1)) is not None

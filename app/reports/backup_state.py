"""Whether there is a backup that is young enough; for alerts and for the page of checks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel import heartbeat
from app.settings import Settings


@dataclass(frozen=True)
class BackupState:
    """`age` in seconds, None when none was ever made; `stale` when there should be a younger one by now."""

    age: float | None
    stale: bool


def backup_state(session: Session, settings: Settings, now: datetime) -> BackupState | None:
    """None when no BACKUP_DIR is set: then it is not the shop's business."""
    if settings.backup_dir is None:
        return None
    limit = timedelta(hours=settings.backup_stale_hours)
    age = heartbeat.age(session, heartbeat.BACKUP, now)
    if age is not None:
        return BackupState(age, age > limit.total_seconds())
    begun = session.scalar(select(func.min(Label.created_at)))
    return BackupState(None, begun is not None and now - begun > limit)

"""The audit log: one row for each deed of a person or a command, written in the deed's own transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry
from app.kernel.schema import JsonDict


def note(
    session: Session,
    deed: str,
    entity: str,
    entity_id: int | None,
    *,
    now: datetime,
    staff_id: int | None,
    label_id: int | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Write down a deed such as "drop.paused"; `detail` holds ids, decisions and reasons, never a fan's data."""
    kept: JsonDict = {name: value for name, value in detail.items() if value is not None}
    session.add(
        AuditEntry(at=now, staff_id=staff_id, label_id=label_id, deed=deed, entity=entity, entity_id=entity_id, detail=kept)
    )

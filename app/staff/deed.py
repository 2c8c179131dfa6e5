"""Writes a desk deed into the audit log, in the deed's own transaction."""

from sqlalchemy.orm import Session

from app.accounts import audit
from app.staff.guard import person
from app.web.house import now


def note(session: Session, deed: str, entity: str, entity_id: int, label_id: int | None, **detail: str | int | bool | None) -> None:
    """Note what the signed-in person does to which row; `detail` holds ids, decisions and reasons."""
    audit.note(session, deed, entity, entity_id, now=now(), staff_id=person().id, label_id=label_id, **detail)


def changed(before: dict[str, object], after: dict[str, object]) -> str:
    """The names of what differs, for a deed's detail: "title, price"."""
    return ", ".join(name.replace("_", " ") for name, value in after.items() if before.get(name) != value)

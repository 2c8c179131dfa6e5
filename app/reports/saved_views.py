"""The saved views that a person sees: their own, and those of their labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import SavedView


@dataclass(frozen=True)
class ViewRow:
    """One view; `label_id` says whose it is when it is shared."""

    id: int
    name: str
    query: str
    label_id: int | None


def views(session: Session, staff_id: int, label_ids: Sequence[int]) -> tuple[ViewRow, ...]:
    """In the sequence in which they were made."""
    own = SavedView.label_id.is_(None) & (SavedView.staff_id == staff_id)
    wanted = select(SavedView.id, SavedView.name, SavedView.query, SavedView.label_id)
    found = session.execute(wanted.where(or_(own, SavedView.label_id.in_(label_ids))).order_by(SavedView.id))
    return tuple(ViewRow(*row) for row in found)

"""Saved views: lists of orders that a person keeps under a name, for themselves or for a label."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts.models import SavedView
from app.kernel.errors import Conflict

LONGEST = 40  # signs of a name
MOST = 20  # that one person, or one label, keeps


def save(session: Session, staff_id: int, label_id: int | None, name: str, query: str, now: datetime) -> SavedView:
    """Keep a list; one of the same name in the same place is replaced. Conflict when there are too many."""
    same = select(SavedView).where(*_place(staff_id, label_id))
    if (found := session.scalar(same.where(SavedView.name == name))) is not None:
        found.query = query
        return found
    if (session.scalar(select(func.count()).select_from(same.subquery())) or 0) >= MOST:
        raise Conflict(f"There are {MOST} saved views already. Remove one that nobody needs any more.")
    view = SavedView(staff_id=staff_id, label_id=label_id, name=name, query=query, created_at=now)
    session.add(view)
    session.flush()
    return view


def _place(staff_id: int, label_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return (SavedView.label_id == label_id,) if label_id else (SavedView.label_id.is_(None), SavedView.staff_id == staff_id)

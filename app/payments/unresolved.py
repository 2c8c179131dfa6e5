"""Differences with Stripe's own record that wait for a person: written down, gone by themselves, or settled."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from app.kernel.errors import Conflict, NotFound
from app.kernel.upsert import insert
from app.payments.models import StripeDifference

_OPEN = StripeDifference.gone_at.is_(None), StripeDifference.settled_at.is_(None)


def note(session: Session, found: Iterable[dict[str, Any]], since: datetime, until: datetime, now: datetime) -> None:
    """Keep what a comparison found, by kind and what it is about; what is not found any more of that period is gone."""
    seen = set()
    for each in found:
        fresh = insert(session, StripeDifference).values(**each, found_at=now, settled_how="")
        again = {"what": each["what"], "todo": each["todo"], "reference": each["reference"], "gone_at": None}
        again["label_id"] = each["label_id"]
        keys = [StripeDifference.kind, StripeDifference.about]
        kept = fresh.on_conflict_do_update(index_elements=keys, set_=again).returning(StripeDifference.id)
        seen.add(session.execute(kept).scalar_one())
    for row in session.scalars(select(StripeDifference).where(*_OPEN, StripeDifference.made_at.between(since, until))):
        if row.id not in seen:
            row.gone_at = now
    session.flush()


def waiting(session: Session, mine: ColumnElement[bool] = true()) -> list[StripeDifference]:
    """Those that need a person, oldest first; only those that are `mine`, where that is said."""
    wanted = select(StripeDifference).where(*_OPEN, mine)
    return list(session.scalars(wanted.order_by(StripeDifference.made_at, StripeDifference.id)))


def count(session: Session, mine: ColumnElement[bool] = true()) -> int:
    """How many need a person."""
    return session.scalar(select(func.count(StripeDifference.id)).where(*_OPEN, mine)) or 0


def settle(session: Session, difference_id: int, how: str, staff_id: int, now: datetime) -> StripeDifference:
    """A person has seen to one and says how; it is not listed again. NotFound, or Conflict when it is over."""
    row = session.get(StripeDifference, difference_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such difference.")
    if row.gone_at is not None or row.settled_at is not None:
        raise Conflict("This one is over already.")
    row.settled_at, row.settled_by, row.settled_how = now, staff_id, how
    session.flush()
    return row

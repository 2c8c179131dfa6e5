"""Which drops sell a run: what that forbids, and what staff should know."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.drops import last_hour
from app.drops.models import Drop, DropRun


def price_lock(session: Session, run_id: int, now: datetime) -> str:
    """Why a run's price must stay now, as a sentence; empty when it may change."""
    running = (
        select(Drop.title)
        .join(DropRun, DropRun.drop_id == Drop.id)
        .where(DropRun.run_id == run_id, Drop.published_at.is_not(None), Drop.opens_at <= now)
        .where(or_(Drop.closes_at.is_(None), Drop.closes_at > now), or_(Drop.closed_at.is_(None), Drop.closed_at > now))
    )
    title = session.scalar(running.limit(1))
    return f"Fans are buying this run in “{title}” right now, so its price stays until that drop is over." if title else ""


def opening_soon(session: Session, run_id: int, now: datetime) -> Drop | None:
    """The next drop in its last hour that sells a run; nothing when there is none."""
    soon = select(Drop).join(DropRun, DropRun.drop_id == Drop.id).where(DropRun.run_id == run_id, Drop.published_at.is_not(None))
    soon = soon.where(Drop.opens_at > now, Drop.opens_at <= now + last_hour.LENGTH).order_by(Drop.opens_at, Drop.id).limit(1)
    return session.scalar(soon)


def shared_with(session: Session, drop: Drop) -> list[tuple[str, str]]:
    """The (run, other drop) titles where another published drop sells a run of this one at the same time."""
    ends = drop.closed_at or drop.closes_at
    others = (
        select(DropRun)
        .join(Drop, Drop.id == DropRun.drop_id)
        .where(DropRun.run_id.in_([entry.run_id for entry in drop.entries]), Drop.id != drop.id, Drop.published_at.is_not(None))
        .where(or_(Drop.closes_at.is_(None), Drop.closes_at > drop.opens_at))
        .where(or_(Drop.closed_at.is_(None), Drop.closed_at > drop.opens_at))
        .order_by(DropRun.drop_id)
    )
    if ends is not None:
        others = others.where(Drop.opens_at < ends)
    found = session.scalars(others).all()
    named = select(Drop.id, Drop.title).where(Drop.id.in_([entry.drop_id for entry in found]))
    titles = {row.id: row.title for row in session.execute(named)}
    return [(entry.run.title, titles[entry.drop_id]) for entry in found]

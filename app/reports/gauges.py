"""The numbers that monitoring reads: copies, holds, what waits in the outbox, and the worker's pulse."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import line
from app.drops.models import Drop
from app.inventory import counts
from app.inventory.holds import live
from app.inventory.models import Hold
from app.kernel import findings, heartbeat
from app.kernel.outbox import Job, JobState
from app.payments import outages
from app.reports.drop_page import door_state, whole
from app.reports.shop_front import NOW


@dataclass(frozen=True)
class Gauges:
    """`copies` is keyed by (drop, run, state) for open drops; `worker_age` is None when no worker ever ran; all in seconds."""

    copies: dict[tuple[str, str, str], int]
    holds_live: int
    line: int
    stripe_away: bool
    outbox: dict[str, int]
    oldest_waiting: float
    worker_age: float | None
    findings: dict[str, int]


def gauges(session: Session, now: datetime) -> Gauges:
    """Count everything at this moment."""
    unfinished = (JobState.WAITING, JobState.LEASED, JobState.DEAD)
    found = session.execute(select(Job.state, func.count()).where(Job.state.in_(unfinished)).group_by(Job.state)).all()
    per_state = dict.fromkeys(unfinished, 0) | dict(found)
    oldest = session.scalar(select(func.min(Job.run_at)).where(Job.state == JobState.WAITING, Job.run_at <= now))
    return Gauges(
        copies=_copies(session, now),
        holds_live=session.scalar(select(func.count()).select_from(Hold).where(live())) or 0,
        line=line.length(session, now),
        stripe_away=outages.current(session) is not None,
        outbox={state.value: number for state, number in per_state.items()},
        oldest_waiting=(now - oldest).total_seconds() if oldest else 0.0,
        worker_age=heartbeat.age(session, heartbeat.WORKER, now),
        findings=findings.latest(session),
    )


def _copies(session: Session, now: datetime) -> dict[tuple[str, str, str], int]:
    opened = select(Drop).where(Drop.published_at.is_not(None), Drop.opens_at <= now).order_by(Drop.opens_at.desc()).limit(50)
    drops = session.scalars(opened.options(*whole())).all()
    stock = counts.stock(session, sorted({entry.run_id for drop in drops for entry in drop.entries}))
    return {
        (drop.slug, entry.run.slug, state): getattr(stock[entry.run_id], state)
        for drop in drops
        if door_state(drop, now, stock) in NOW
        for entry in drop.entries
        for state in ("available", "held", "sold", "withdrawn")
    }

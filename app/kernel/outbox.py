"""What must happen outside a transaction, as rows written in the same transaction as their cause."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, and_, or_, select, text, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.errors import Conflict, NotFound
from app.kernel.schema import Base, JsonDict, Key, one_of
from app.kernel.upsert import insert

LEASE = timedelta(seconds=60)
LEAST_URGENT = 9
GIVE_UP_AFTER = 18  # about 30 hours of back-off


class JobState(StrEnum):
    """waiting → leased → done, back to waiting after a failure, dead after too many."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


class Job(Base):
    """One thing to do: what (`kind`), about what (`ref`, a row's id in `payload` terms), when, and how often it was tried.

    At most one job per `key` waits at a time, so hints coalesce; a job that is already running does not swallow a new one.
    With `once`, the key is used up for ever (one confirmation per order).
    """

    __tablename__ = "outbox"

    id: Mapped[Key]
    kind: Mapped[str]
    key: Mapped[str]
    once: Mapped[bool] = mapped_column(default=False)
    payload: Mapped[JsonDict]
    priority: Mapped[int] = mapped_column(default=5)
    state: Mapped[JobState] = mapped_column(one_of(JobState, "state"), default=JobState.WAITING)
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_outbox_key",
            "key",
            unique=True,
            sqlite_where=text("once OR state = 'waiting'"),
            postgresql_where=text("once OR state = 'waiting'"),
        ),
        Index("ix_outbox_due", "state", "run_at"),
    )


@dataclass(frozen=True)
class Leased:
    """A job in hand, fenced: only the owner of this lease may finish it."""

    id: int
    kind: str
    key: str
    payload: JsonDict
    attempts: int
    owner: str


def enqueue(  # noqa: PLR0913 - each says something else about one job
    session: Session,
    kind: str,
    key: str,
    payload: JsonDict,
    *,
    now: datetime,
    run_at: datetime | None = None,
    once: bool = False,
    priority: int = 5,
    if_idle: bool = False,
) -> bool:
    """Add a job unless one with this key already waits (or, with `once`, ever was); True when it was added.

    With `if_idle` not either while one with this key is under way: for who looks again and again, and has no news.
    Lower `priority` goes first: 0 probe, 1 capture, 2 void, 3 expire, 4 create, 5 sync, 6 mail.
    """
    under_way = select(Job.id).where(Job.state == JobState.LEASED, Job.key == f"{kind}:{key}", Job.lease_until >= now)
    if if_idle and session.scalar(under_way.limit(1)) is not None:
        return False
    values = {
        "kind": kind,
        "key": f"{kind}:{key}",
        "payload": payload,
        "once": once,
        "priority": priority,
        "state": JobState.WAITING,
        "run_at": run_at or now,
        "created_at": now,
        "attempts": 0,
    }
    return session.execute(insert(session, Job).values(values).on_conflict_do_nothing().returning(Job.id)).scalar() is not None


def done_before(session: Session, kind: str, key: str, payload: JsonDict, now: datetime) -> None:
    """Note that a job that may be done once was done in an earlier life, which the database has forgotten."""
    if enqueue(session, kind, key, payload, now=now, once=True):
        mine = update(Job).where(Job.key == f"{kind}:{key}", Job.once)
        session.execute(mine.values(state=JobState.DONE, finished_at=now))


def lease(
    session: Session,
    owner: str,
    now: datetime,
    *,
    limit: int = 5,
    kinds: Sequence[str] | None = None,
    up_to: int = LEAST_URGENT,
    besides: Sequence[str] = (),
) -> list[Leased]:
    """Take up to `limit` due jobs, the most urgent first, those of dead owners included; two workers never take the same one.

    `kinds` alone are taken, `besides` are left, and nothing is taken that is less urgent than `up_to`.
    """
    due = and_(_due(now), Job.priority <= up_to, Job.kind.not_in(besides), Job.kind.in_(kinds) if kinds is not None else true())
    wanted = select(Job.id).where(due).order_by(Job.priority, Job.run_at, Job.id).limit(limit).with_for_update(skip_locked=True)
    ids = session.scalars(wanted).all()
    if not ids:
        return []
    rows = session.scalars(
        update(Job)
        .where(Job.id.in_(ids), due)
        .values(state=JobState.LEASED, lease_owner=owner, lease_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job),
        execution_options={"populate_existing": True},
    ).all()
    taken = sorted(rows, key=lambda job: (job.priority, job.run_at, job.id))
    return [Leased(job.id, job.kind, job.key, job.payload, job.attempts, owner) for job in taken]


def anything_due(session: Session, now: datetime, *, up_to: int = LEAST_URGENT, besides: Sequence[str] = ()) -> bool:
    """Is there a job to take? A look without the write lock."""
    due = and_(_due(now), Job.priority <= up_to, Job.kind.not_in(besides))
    return session.scalar(select(Job.id).where(due).limit(1)) is not None


def keep(session: Session, job: Leased, now: datetime) -> bool:
    """Renew the lease of a job that takes long; False when it was lost already."""
    mine = update(Job).where(Job.id == job.id, Job.lease_owner == job.owner, Job.state == JobState.LEASED)
    return session.execute(mine.values(lease_until=now + LEASE).returning(Job.id)).scalar() is not None


def done(session: Session, job: Leased, now: datetime) -> bool:
    """Mark a job done; False when the lease was lost to another worker meanwhile."""
    return _finish(session, job, state=JobState.DONE, finished_at=now, last_error=None)


def failed(
    session: Session,
    job: Leased,
    error: str,
    now: datetime,
    *,
    dead: bool = False,
    patient: bool = False,
    retry_in: float | None = None,
) -> bool:
    """Try again later with back-off and jitter, or give up visibly; False when the lease was lost.

    A `patient` job is never given up: after its tries it goes on every few hours, and is shown like one that was. With
    `retry_in`, seconds to the letter, the other side was merely busy: the try does not count, so a stampede kills no job.
    """
    counted = retry_in is None
    if dead or (counted and not patient and job.attempts >= GIVE_UP_AFTER):
        return _finish(session, job, state=JobState.DEAD, finished_at=now, last_error=error)
    waiting = select(Job.id).where(Job.key == job.key, Job.state == JobState.WAITING)
    if session.scalar(waiting) is not None:  # a newer hint waits already and will do the same
        return _finish(session, job, state=JobState.DONE, finished_at=now, last_error=error)
    seconds = retry_in if retry_in is not None else _back_off(job.attempts)
    try:
        with session.begin_nested():
            again = now + timedelta(seconds=seconds)
            tries = job.attempts if counted else job.attempts - 1
            return _finish(session, job, state=JobState.WAITING, run_at=again, attempts=tries, last_error=error)
    except IntegrityError:  # a newer hint came in this moment
        return _finish(session, job, state=JobState.DONE, finished_at=now, last_error=error)


def _back_off(attempts: int) -> float:
    """Seconds to wait after so many tries: from two, to four hours, and never the same for two jobs."""
    seconds = min(4 ** (min(attempts, GIVE_UP_AFTER) / 1.5), 3600 * 4)
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, keeps no secret


def hurry(session: Session, now: datetime, *, up_to: int) -> int:
    """Do now what was put off after a failure and is at least as urgent; how many jobs. The fault that they met is over."""
    off = update(Job).where(Job.state == JobState.WAITING, Job.run_at > now, Job.priority <= up_to, Job.last_error.is_not(None))
    return len(session.scalars(off.values(run_at=now).returning(Job.id)).all())


def retry(session: Session, job_id: int, now: datetime) -> bool:
    """Try a job that needs a person again at once, with all its tries; True when it waits now.

    False when a newer job with its key waits already and will do the same; a dead one is then done with. Raises NotFound, or
    Conflict when it is neither dead nor out of tries.
    """
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound("There is no such job.")
    if job.state is JobState.WAITING and job.attempts >= GIVE_UP_AFTER:
        job.attempts, job.run_at = 0, now
        session.flush()
        return True
    if job.state is not JobState.DEAD:
        raise Conflict(f"This job is {job.state}, not given up, so there is nothing to try again.")
    hint = select(Job.id).where(Job.key == job.key, Job.state == JobState.WAITING)
    if session.scalar(hint) is not None:
        job.state = JobState.DONE
        session.flush()
        return False
    job.state, job.attempts, job.run_at, job.finished_at = JobState.WAITING, 0, now, None
    session.flush()
    return True


def needs_a_person() -> ColumnElement[bool]:
    """Given up, or out of tries and still tried."""
    return or_(Job.state == JobState.DEAD, and_(Job.state == JobState.WAITING, Job.attempts >= GIVE_UP_AFTER))


def _due(now: datetime) -> ColumnElement[bool]:
    """Waiting and due, or leased by a worker that has not come back."""
    return or_(and_(Job.state == JobState.WAITING, Job.run_at <= now), and_(Job.state == JobState.LEASED, Job.lease_until < now))


def _finish(session: Session, job: Leased, **values: object) -> bool:
    mine = update(Job).where(Job.id == job.id, Job.lease_owner == job.owner, Job.state == JobState.LEASED)
    ended = mine.values(lease_owner=None, lease_until=None, **values).returning(Job.id)
    return session.execute(ended).scalar() is not None

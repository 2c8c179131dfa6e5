"""What must happen outside a transaction, as rows written in the same transaction as their cause."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Index, Integer, Select, and_, bindparam, literal, not_, or_, select, text, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.errors import Conflict, NotFound
from app.kernel.ready import Ready
from app.kernel.schema import Base, JsonDict, Key, is_one_of, one_of, table
from app.kernel.upsert import insert_for

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
    mine = f"{kind}:{key}"
    if if_idle and _UNDER_WAY.rows(session, key=mine, now=now):
        return False
    about = {"kind": kind, "key": mine, "payload": payload, "once": once, "priority": priority}
    return bool(_ADD[session.get_bind().dialect.name].rows(session, **about, run_at=run_at or now, created_at=now))


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
    left: ColumnElement[bool] | None = None,
) -> list[Leased]:
    """Take up to `limit` due jobs, the most urgent first, those of dead owners included; two workers never take the same one.

    `kinds` alone are taken, those that are `left` are not, nor is anything less urgent than `up_to`.
    """
    ready = _lease(None if kinds is None else tuple(kinds), left)
    taken = ready.rows(session, owner=owner, until=now + LEASE, now=now, up_to=up_to, limit=limit)
    rows = sorted(taken, key=lambda row: (row[5], row[6], row[0]))
    return [Leased(id_, kind, key, payload, attempts, owner) for id_, kind, key, payload, attempts, *_ in rows]


def due(session: Session, now: datetime, *, left: ColumnElement[bool] | None = None, most: int = 1) -> list[int]:
    """How urgent the most urgent due jobs are, up to `most` of them. A look without the write lock."""
    return [priority for (priority,) in _look(left).rows(session, now=now, up_to=LEAST_URGENT, limit=most)]


def anything_due(session: Session, now: datetime, *, up_to: int = LEAST_URGENT, left: ColumnElement[bool] | None = None) -> bool:
    """Is there a job to take? A look without the write lock."""
    return bool(_look(left).rows(session, now=now, up_to=up_to, limit=1))


def keep(session: Session, job: Leased, now: datetime) -> bool:
    """Renew the lease of a job that takes long; False when it was lost already."""
    mine = update(Job).where(Job.id == job.id, Job.lease_owner == job.owner, Job.state == JobState.LEASED)
    return session.execute(mine.values(lease_until=now + LEASE).returning(Job.id)).scalar() is not None


def done(session: Session, job: Leased, now: datetime) -> bool:
    """Mark a job done; False when the lease was lost to another worker meanwhile."""
    return bool(_DONE.rows(session, job=job.id, owner=job.owner, now=now))


def no_more(session: Session, kind: str, key: str, now: datetime) -> bool:
    """What a waiting job was to do is done already; False when none waits."""
    return bool(_NO_MORE.rows(session, about=f"{kind}:{key}", now=now))


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


def _finish(session: Session, job: Leased, **values: object) -> bool:
    mine = update(Job).where(Job.id == job.id, Job.lease_owner == job.owner, Job.state == JobState.LEASED)
    ended = mine.values(lease_owner=None, lease_until=None, **values).returning(Job.id)
    return session.execute(ended).scalar() is not None


# What each job costs at least, so these are compiled once. A state is written out wherever an index of such rows is meant.
_JOBS = table(Job)
_MINE = _JOBS.c
_WAITING, _LEASED = is_one_of(_MINE.state, JobState.WAITING), is_one_of(_MINE.state, JobState.LEASED)
# Waiting and due, or leased by a worker that has not come back.
_DUE = or_(
    and_(_WAITING, _MINE.run_at <= bindparam("now")),
    and_(_LEASED, _MINE.lease_until < bindparam("now")),
)
_GIVEN = ("kind", "key", "payload", "once", "priority", "run_at", "created_at")
_ADD = {  # by dialect
    dialect: Ready(
        insert_for(dialect, Job)
        .values(state=JobState.WAITING, attempts=0, **{name: bindparam(name) for name in _GIVEN})
        .on_conflict_do_nothing()
        .returning(_MINE.id)
    )
    for dialect in ("sqlite", "postgresql")
}
_UNDER_WAY = Ready(select(_MINE.id).where(_LEASED, _MINE.key == bindparam("key"), _MINE.lease_until >= bindparam("now")).limit(1))
_DONE = Ready(
    update(_JOBS)
    .where(_MINE.id == bindparam("job"), _MINE.lease_owner == bindparam("owner"), _LEASED)
    .values(state=JobState.DONE, finished_at=bindparam("now"), lease_owner=None, lease_until=None, last_error=None)
    .returning(_MINE.id)
)
_NO_MORE = Ready(
    update(_JOBS)
    .where(_MINE.key == bindparam("about"), _WAITING)
    .values(state=JobState.DONE, finished_at=bindparam("now"))
    .returning(_MINE.id)
)


def of_kinds(kinds: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a job is of one of these kinds."""
    return _MINE.kind.in_([literal(kind) for kind in kinds])


def _wanted(column: Any, left: ColumnElement[bool] | None, kinds: Sequence[str] | None = None) -> Select[Any]:
    these = and_(true() if left is None else not_(left), true() if kinds is None else of_kinds(kinds))
    asked = and_(_DUE, _MINE.priority <= bindparam("up_to"), these)
    limit = bindparam("limit", type_=Integer)
    return select(column).where(asked).order_by(_MINE.priority, _MINE.run_at, _MINE.id).limit(limit)


@lru_cache(16)
def _look(left: ColumnElement[bool] | None) -> Ready:
    return Ready(_wanted(_MINE.priority, left))


@lru_cache(16)
def _lease(kinds: tuple[str, ...] | None, left: ColumnElement[bool] | None) -> Ready:
    picked = _wanted(_MINE.id, left, kinds).with_for_update(skip_locked=True).cte("picked").prefix_with("MATERIALIZED")
    taken = {"state": JobState.LEASED, "lease_owner": bindparam("owner"), "lease_until": bindparam("until")}
    return Ready(
        update(_JOBS)
        .where(_MINE.id.in_(select(picked.c.id)), _DUE)
        .values(**taken, attempts=_MINE.attempts + 1)
        .returning(*(_MINE[name] for name in ("id", "kind", "key", "payload", "attempts", "priority", "run_at")))
    )

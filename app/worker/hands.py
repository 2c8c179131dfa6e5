"""Hands that do jobs: one at a time, always the most urgent, under a lease that is kept while the job is in hand."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, glance, transaction
from app.kernel.errors import Unavailable
from app.kernel.outbox import Leased
from app.kernel.redacting import without_addresses

log = structlog.get_logger()

PAUSE = 0.5  # seconds between looks at an empty outbox
LONGEST = timedelta(minutes=10)  # a job in hand for longer hangs: its lease ends, and another hand may try
TRIES = 6  # to note how a job went, while the database is busy or away
_ROUND = 100  # jobs between two looks


@dataclass(frozen=True)
class Outcome:
    """How a job went; without an error it is done.

    `final`: trying again cannot help. `patient`: it is never given up. `retry_in`: the other side was merely busy, so come
    again in so many seconds.
    """

    error: str = ""
    final: bool = False
    patient: bool = False
    retry_in: float | None = None


@dataclass
class Hand:
    """One of a worker's hands: takes jobs that are at least as urgent as `up_to`, besides those for which `left` is true.

    No job ever waits in a hand: what was finished is written down and the next one taken in the same transaction, so a slow
    job keeps only itself waiting, and a capture that came meanwhile is next. `deed` does one job and must not raise.
    """

    db: Database
    clock: Clock
    name: str
    deed: Callable[[Leased], Outcome]
    up_to: int = outbox.LEAST_URGENT
    left: ColumnElement[bool] | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    patience: float = PAUSE  # seconds until it looks by itself, if nobody wakes it
    woken: threading.Event = field(default_factory=threading.Event)
    rests: bool = False
    _in_hand: tuple[Leased, datetime] | None = None

    def run(self) -> None:
        """Work until told to stop; the job in hand is finished first."""
        while not self.stopping.is_set():
            try:
                busy = self.work(_ROUND)
            except Exception:
                log.exception("hand", hand=self.name)  # the database may be away: try again, the rows are still there
                busy = 0
            if not busy and not self.stopping.is_set():
                self._rest()

    def work(self, most: int) -> int:
        """Do up to `most` due jobs, one after another; how many it were."""
        count, job = 0, self._first()
        while job is not None:
            self._in_hand, count = (job, self.clock.now()), count + 1
            try:
                outcome = self.deed(job)
                job = self._note(job, outcome, more=count < most and not self.stopping.is_set())
            finally:
                self._in_hand = None
        return count

    def _rest(self) -> None:
        self.rests = True
        self.woken.wait(self.patience)
        self.rests = False
        self.woken.clear()

    def keep(self) -> None:
        """Renew the lease of the job in hand; called from another thread while this one waits for somebody's answer."""
        held = self._in_hand
        if held is None or self.clock.now() - held[1] > LONGEST:
            return
        with transaction(self.db) as session:
            outbox.keep(session, held[0], self.clock.now())

    def _first(self) -> Leased | None:
        with glance(self.db) as session:
            if not outbox.anything_due(session, self.clock.now(), up_to=self.up_to, left=self.left):
                return None
        with transaction(self.db) as session:
            return self._next(session)

    def _next(self, session: Session) -> Leased | None:
        jobs = outbox.lease(session, self.name, self.clock.now(), limit=1, up_to=self.up_to, left=self.left)
        return jobs[0] if jobs else None

    def _note(self, job: Leased, outcome: Outcome, *, more: bool) -> Leased | None:
        """Finish a job, in several tries: one that was done and is not noted would be done again, such as a letter sent twice."""
        for _ in range(TRIES - 1):
            with suppress(Unavailable):
                return self._finish(job, outcome, more=more)
            self.stopping.wait(PAUSE)
        return self._finish(job, outcome, more=more)

    def _finish(self, job: Leased, outcome: Outcome, *, more: bool) -> Leased | None:
        """Write down how a job went, and take the next one."""
        with transaction(self.db) as session:
            if not outcome.error:
                outbox.done(session, job, self.clock.now())
            else:
                error = without_addresses(outcome.error)[:500]
                log.warning("job put off", kind=job.kind, job=job.id, attempts=job.attempts, error=error)
                outbox.failed(
                    session,
                    job,
                    error,
                    self.clock.now(),
                    dead=outcome.final,
                    patient=outcome.patient,
                    retry_in=outcome.retry_in,
                )
            return self._next(session) if more else None

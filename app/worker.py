"""Takes outbox rows and due work until told to stop; the whole schedule is the one table below."""

import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from app.checkout import aftermath, capture, follow, give_back, lapse, lookout, money_back, send, settle, sync
from app.drops import reminders
from app.fulfilment import shipping
from app.invariants.watch import look
from app.kernel import findings, heartbeat, outbox, throttle
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Refusal
from app.kernel.mail import Mailer, MailTrouble
from app.kernel.outbox import Leased
from app.payments.gateway import StripeBusy, StripeTrouble
from app.reports import letters
from app.web.house import House

log = structlog.get_logger()

PAUSE = 0.5  # seconds between looks at an empty outbox


@dataclass(frozen=True)
class Bench:
    """What a worker works with."""

    house: House
    mailer: Mailer


def _mail(bench: Bench, job: Leased) -> None:
    with reading(bench.house.db) as session:
        letter = letters.write(session, job.kind, job.payload, bench.house.settings.base_url, bench.house.tokens)
    if letter is not None:
        bench.mailer.send(letter, bench.house.clock.now())


JOBS: dict[str, Callable[[Bench, Leased], object]] = {
    send.SEND: lambda b, j: send.send(b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"]),
    sync.SYNC: lambda b, j: sync.sync(b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"], j.payload.get("session")),
    settle.CAPTURE: lambda b, j: capture.capture(b.house.db, b.house.gateway, b.house.clock, j.payload["payment"]),
    settle.VOID: lambda b, j: capture.void(b.house.db, b.house.gateway, b.house.clock, j.payload["payment"]),
    lapse.LAPSE: lambda b, j: lapse.lapse(b.house.db, b.house.gateway, b.house.clock, j.payload["hold"]),
    money_back.REFUND: lambda b, j: give_back.give_back(b.house.db, b.house.gateway, b.house.clock, j.payload["refund"]),
    sync.FOLLOW_UP: lambda b, j: aftermath.follow_up(
        b.house.db, b.house.gateway, b.house.clock, j.payload["attempt"], j.payload["cause"]
    ),
    lookout.LOOK: lambda b, _: lookout.look(b.house.db, b.house.gateway, b.house.clock),
    follow.CONFIRM: _mail,
    follow.NOT_CHARGED: _mail,
    money_back.REFUNDED: _mail,
    money_back.CANCELLED: _mail,
    shipping.SHIPPED: _mail,
    letters.LINK: _mail,
    reminders.CONFIRM_ADDRESS: _mail,
    reminders.REMIND: _mail,
}


def _lapse_due(session: Session, now: datetime) -> None:
    for hold_id in lapse.overdue(session, now):
        outbox.enqueue(session, lapse.LAPSE, str(hold_id), {"hold": hold_id}, now=now, priority=3)


def _short(deed: Callable[[Session, datetime], object]) -> Callable[[Database, datetime], object]:
    """A deed in a short transaction of its own."""

    def do(db: Database, now: datetime) -> None:
        with transaction(db) as session:
            deed(session, now)

    return do


def watch(window: timedelta | None) -> Callable[[Database, datetime], None]:
    """A look at the invariants outside any write lock; what it finds is noted for the metrics."""

    def do(db: Database, now: datetime) -> None:
        with reading(db) as session:
            found = look(session, now, window)
        with transaction(db) as session:
            findings.note(session, found, now)

    return do


# What is done by the clock: how often, and what.
SCHEDULE: tuple[tuple[timedelta, str, Callable[[Database, datetime], object]], ...] = (
    (timedelta(seconds=2), "lapse holds whose time is over", _short(_lapse_due)),
    (timedelta(seconds=5), "say that the worker is alive", _short(lambda session, now: heartbeat.beat(session, "worker", now))),
    (timedelta(seconds=15), "ask about what should have been heard", _short(sync.poll)),
    (timedelta(seconds=20), "remind fans before a drop opens", _short(reminders.due)),
    (timedelta(minutes=1), "look for refunds and disputes that were begun elsewhere", _short(lookout.due)),
    (timedelta(minutes=5), "check what must always be true, for the last two hours", watch(timedelta(hours=2))),
    (timedelta(hours=1), "forget old throttles", _short(throttle.sweep)),
    (timedelta(days=1), "check what must always be true, for all time", watch(None)),
)


class Worker:
    """One worker process: takes due jobs by lease, so several may run side by side."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self._last: dict[str, datetime] = {}

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; a job in hand is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        while not self.stopping.is_set():
            try:
                busy = self.step()
            except Exception:
                log.exception("worker")  # the database may be away: try again, the rows are still there
                busy = False
            if not busy:
                self.stopping.wait(PAUSE)

    def step(self, *, limit: int = 10) -> int:
        """Do what the clock asks for, then one handful of due jobs; how many jobs were done."""
        self.tick()
        owner = f"{self.name}:{uuid.uuid4().hex[:8]}"
        with reading(self.bench.house.db) as session:
            if not outbox.anything_due(session, self._now()):
                return 0
        with transaction(self.bench.house.db) as session:
            jobs = outbox.lease(session, owner, self._now(), limit=limit)
        for job in jobs:
            self.do(job)
        return len(jobs)

    def tick(self) -> None:
        """Run each scheduled deed whose time has come."""
        now = self._now()
        for every, what, deed in SCHEDULE:
            if now - self._last.get(what, datetime.min.replace(tzinfo=UTC)) >= every:
                self._last[what] = now
                try:
                    deed(self.bench.house.db, now)
                except Exception:
                    log.exception("schedule", what=what)  # one deed that fails must not keep the others from being done

    def do(self, job: Leased) -> None:
        """Do one job and write down how it went."""
        error, final, retry_in = "", False, None
        try:
            JOBS[job.kind](self.bench, job)
        except StripeBusy as trouble:
            error, retry_in = str(trouble), 2.0
        except StripeTrouble as trouble:
            error = str(trouble)
        except MailTrouble as trouble:
            error, final = str(trouble), trouble.final
        except Refusal as refusal:
            error = f"{refusal.code}: {refusal.detail}"
        except Exception as fault:
            log.exception("job", kind=job.kind, job=job.id)
            error = f"{type(fault).__name__}: {fault}"
        with transaction(self.bench.house.db) as session:
            if not error:
                outbox.done(session, job, self._now())
            else:
                log.warning("job put off", kind=job.kind, job=job.id, attempts=job.attempts, error=error)
                outbox.failed(session, job, error[:500], self._now(), dead=final, retry_in=retry_in)

    def _now(self) -> datetime:
        return self.bench.house.clock.now()


def make_worker(house: House) -> Worker:
    """A worker for this house."""
    settings = house.settings
    domain = settings.base_url.split("://", 1)[1].split("/")[0].split(":")[0]
    return Worker(Bench(house, Mailer(settings.smtp_url.get_secret_value(), settings.mail_from, domain)))

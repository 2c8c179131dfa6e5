"""The worker: jobs by lease, the schedule, and its own look at the invariants."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app import worker as worker_module
from app.drops.models import Drop
from app.invariants import INVARIANTS
from app.invariants.watch import REST
from app.inventory.models import Hold
from app.kernel import findings, outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.heartbeat import age
from app.kernel.mail import Letter, MailTrouble
from app.kernel.outbox import Job, JobState
from app.payments.gateway import StripeAway, StripeBusy
from app.web.house import house
from app.worker import Bench, Worker, jobs, watch
from app.worker.hands import Outcome
from tests import builders
from tests.cast import NOW, StoppedClock
from tests.site import make_app


class Postman:
    """Stands in for the mail server."""

    def __init__(self, trouble: MailTrouble | None = None) -> None:
        self.sent: list[Letter] = []
        self.trouble = trouble

    def send(self, letter: Letter, now: datetime) -> None:
        if self.trouble:
            raise self.trouble
        self.sent.append(letter)


def make_worker(db: Database, clock: StoppedClock, postman: Postman | None = None) -> Worker:
    app = make_app(db, clock)
    with app.app_context():
        return Worker(Bench(house(), postman or Postman()))  # type: ignore[arg-type]  # sends, and that is all


def test_a_deed_that_fails_keeps_no_other_from_being_done(
    db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_db: Database, _now: datetime) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(worker_module, "SCHEDULE", ((timedelta(seconds=1), "break", broken), *worker_module.SCHEDULE))
    make_worker(db, clock).tick()
    with reading(db) as session:
        assert age(session, "worker", NOW) == 0


def test_a_scheduled_deed_waits_for_its_time(db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[datetime] = []
    monkeypatch.setattr(worker_module, "SCHEDULE", ((timedelta(seconds=10), "count", lambda _db, now: done.append(now)),))
    working = make_worker(db, clock)
    working.tick()
    clock.forward(seconds=9)
    working.tick()
    assert len(done) == 1
    clock.forward(seconds=1)
    working.tick()
    assert len(done) == 2


def test_an_unknown_kind_of_job_is_put_off_with_its_reason(db: Database, clock: StoppedClock) -> None:
    with transaction(db) as session:
        outbox.enqueue(session, "nobody.knows", "1", {}, now=NOW)
    assert make_worker(db, clock).step() == 1
    with reading(db) as session:
        job = session.scalars(select(Job).where(Job.kind == "nobody.knows")).one()
        assert (job.state, job.attempts, job.last_error) == (JobState.WAITING, 1, "KeyError: 'nobody.knows'")
        assert job.run_at > NOW


def test_a_lapsed_hold_is_put_back_without_anybody_asking(db: Database, clock: StoppedClock) -> None:
    drop_id, run_id = builders.open_drop(db, hold_minutes=10)
    hold_id = builders.take_some(db, drop_id, {run_id: 1}).hold.id
    working = make_worker(db, clock)
    clock.forward(minutes=9, seconds=59)
    assert working.step() == 0
    clock.forward(seconds=2)
    assert working.step() == 1
    with reading(db) as session:
        assert session.get_one(Hold, hold_id).state == "put_back"


def test_the_watch_notes_what_is_broken(db: Database, clock: StoppedClock, unchecked: None) -> None:
    drop_id, run_id = builders.open_drop(db)
    builders.take_some(db, drop_id, {run_id: 2})
    later = NOW + timedelta(hours=2)
    watch(timedelta(hours=2))(db, later)  # nobody has lapsed the hold
    with reading(db) as session:
        found = findings.latest(session)
    assert sum(found.values()) > 0
    with transaction(db) as session:
        session.execute(update(Hold).values(expires_at=later + timedelta(hours=1)))
    watch(timedelta(hours=2))(db, later)
    with reading(db) as session:
        again = findings.latest(session)
    assert again.keys() == found.keys() == {each.id for each in INVARIANTS}
    assert sum(again.values()) == 0


def test_the_watch_rests_while_a_drop_opens(db: Database, clock: StoppedClock) -> None:
    drop_id, _ = builders.open_drop(db)
    with reading(db) as session:
        opens_at = session.get_one(Drop, drop_id).opens_at
    watch(None)(db, opens_at - REST)
    watch(None)(db, opens_at + REST)
    with reading(db) as session:
        assert findings.latest(session) == {}
    watch(None)(db, opens_at + REST + timedelta(seconds=1))
    with reading(db) as session:
        assert findings.latest(session) != {}


def test_the_hands_of_a_worker_leave_one_for_money() -> None:
    assert worker_module.HANDS[0] == 2  # capture and void alone
    assert worker_module.HANDS[-1] == outbox.LEAST_URGENT
    assert sum(up_to >= 6 for up_to in worker_module.HANDS) < len(worker_module.HANDS) - 2  # mail never takes them all


def test_leases_are_kept_by_the_clock(db: Database, clock: StoppedClock) -> None:
    working = make_worker(db, clock)
    with transaction(db) as session:
        outbox.enqueue(session, "nobody.knows", "1", {}, now=NOW)
    ends: list[datetime | None] = []

    def deed(_: outbox.Leased) -> Outcome:
        for _ in range(3):
            clock.forward(seconds=15)
            working.tick()
            with reading(db) as session:
                ends.append(session.scalars(select(Job.lease_until).where(Job.kind == "nobody.knows")).one())
        return Outcome()

    working.hands[-1].deed = deed
    assert working.hands[-1].work(1) == 1
    assert ends == [NOW + timedelta(seconds=75), NOW + timedelta(seconds=75), NOW + timedelta(seconds=105)]


def test_a_running_worker_does_jobs_and_stops(db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in its own thread, as `flask work` runs it; the signal's handler alone is not installed here."""
    postman = Postman()
    working = make_worker(db, clock, postman)
    monkeypatch.setattr(worker_module.signal, "signal", lambda *_: None)
    drop_id, run_id = builders.open_drop(db)
    builders.paid_order(db, drop_id, {run_id: 1})
    thread = threading.Thread(target=working.run)
    thread.start()
    for _ in range(200):
        if postman.sent:
            break
        time.sleep(0.05)
    working.stopping.set()
    thread.join(10)
    assert not thread.is_alive()
    assert [letter.key for letter in postman.sent] == ["mail.confirmed.1"]


@pytest.mark.parametrize("kind", sorted(jobs.JOBS))
def test_only_words_and_the_probe_are_ever_given_up(kind: str) -> None:
    assert (kind in jobs.PATIENT) is not (kind.startswith(("mail.", "alert.")) or kind == "stripe.probe")


@pytest.mark.parametrize(("kind", "state"), [("payment.capture", JobState.WAITING), ("mail.confirmed", JobState.DEAD)])
def test_a_worker_gives_words_up_but_no_money(
    kind: str, state: JobState, db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_bench: Bench, _job: outbox.Leased) -> None:
        raise RuntimeError("no answer")

    monkeypatch.setitem(jobs.JOBS, kind, fail)
    with transaction(db) as session:
        outbox.enqueue(session, kind, "1", {}, now=NOW)
    hand = make_worker(db, clock).hands[-1]
    for _ in range(outbox.GIVE_UP_AFTER):
        clock.forward(hours=5)
        assert hand.work(1) == 1
    with reading(db) as session:
        job = session.scalars(select(Job)).one()
    assert (job.state, job.attempts) == (state, outbox.GIVE_UP_AFTER)


def test_how_long_a_busy_stripe_is_left_alone() -> None:
    waits = {jobs._patience(StripeBusy("slow down")) for _ in range(50)}
    assert all(1 <= wait <= 4 for wait in waits)
    assert len(waits) > 40
    assert all(10 <= jobs._patience(StripeAway("away")) <= 20 for _ in range(50))
    assert jobs._patience(StripeBusy("in line", seconds=7.5)) == 7.5

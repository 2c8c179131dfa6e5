"""Hands: one job at a time, the most urgent next, a lease kept while one waits for an answer, and nothing done twice."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Unavailable
from app.kernel.outbox import Job, JobState, Leased
from app.worker import hands
from app.worker.hands import Hand, Outcome
from tests.cast import NOW, StoppedClock


def _add(db: Database, *keys: str, priority: int = 5, kind: str = "deed") -> None:
    with transaction(db) as session:
        for key in keys:
            outbox.enqueue(session, kind, key, {}, now=NOW, priority=priority)


def _states(db: Database) -> dict[str, JobState]:
    with reading(db) as session:
        return {job.key: job.state for job in session.scalars(select(Job).order_by(Job.id))}


def _hand(db: Database, clock: StoppedClock, deed: Callable[[Leased], Outcome], name: str = "left", **more: object) -> Hand:
    return Hand(db, clock, name, deed, **more)  # type: ignore[arg-type]  # names and numbers


def _noting(seen: list[str]) -> Callable[[Leased], Outcome]:
    def deed(job: Leased) -> Outcome:
        seen.append(job.key)
        return Outcome()

    return deed


def test_one_after_another_until_none_is_due(db: Database, clock: StoppedClock) -> None:
    _add(db, "1", "2", "3")
    seen: list[str] = []
    assert _hand(db, clock, _noting(seen)).work(10) == 3
    assert seen == ["deed:1", "deed:2", "deed:3"]
    assert set(_states(db).values()) == {JobState.DONE}
    assert _hand(db, clock, _noting(seen)).work(10) == 0


def test_no_more_than_asked_for(db: Database, clock: StoppedClock) -> None:
    _add(db, "1", "2", "3")
    assert _hand(db, clock, _noting([])).work(2) == 2
    assert list(_states(db).values()) == [JobState.DONE, JobState.DONE, JobState.WAITING]


def test_how_it_went_is_written_down(db: Database, clock: StoppedClock) -> None:
    _add(db, "fails", "busy", "hopeless")
    answers = {
        "deed:fails": Outcome("no answer"),
        "deed:busy": Outcome("slow down", retry_in=3.0),
        "deed:hopeless": Outcome("no such mailbox", final=True),
    }
    assert _hand(db, clock, lambda job: answers[job.key]).work(10) == 3
    with reading(db) as session:
        rows = {job.key: (job.state, job.attempts, job.last_error) for job in session.scalars(select(Job))}
    assert rows == {
        "deed:fails": (JobState.WAITING, 1, "no answer"),
        "deed:busy": (JobState.WAITING, 0, "slow down"),
        "deed:hopeless": (JobState.DEAD, 1, "no such mailbox"),
    }


def test_a_capture_that_comes_meanwhile_is_next(db: Database, clock: StoppedClock) -> None:
    _add(db, "sync-1", "sync-2", "sync-3")
    seen: list[str] = []

    def deed(job: Leased) -> Outcome:
        seen.append(job.key)
        if job.key == "deed:sync-1":
            _add(db, "capture", priority=1)
        return Outcome()

    _hand(db, clock, deed).work(10)
    assert seen == ["deed:sync-1", "deed:capture", "deed:sync-2", "deed:sync-3"]


def test_nothing_is_done_twice_behind_a_slow_call(db: Database, clock: StoppedClock) -> None:
    """A call that hangs for longer than a lease: its own lease is kept, and what is due behind it another hand does, once."""
    _add(db, "slow", "second", "third")
    seen: list[str] = []

    def deed(job: Leased) -> Outcome:
        seen.append(job.key)
        if job.key == "deed:slow":
            _slowly(clock, hand)
            _hand(db, clock, _noting(seen), "right").work(10)
        return Outcome()

    hand = _hand(db, clock, deed)
    hand.work(10)
    assert sorted(seen) == ["deed:second", "deed:slow", "deed:third"]
    assert set(_states(db).values()) == {JobState.DONE}


def _slowly(clock: StoppedClock, hand: Hand) -> None:
    """A minute and a half goes by, while the worker's clock keeps the leases."""
    for _ in range(3):
        clock.forward(seconds=30)
        hand.keep()


def test_control_a_handful_that_waits_is_done_twice(db: Database, clock: StoppedClock) -> None:
    """What a worker did that leased ten at once: behind a slow call the leases of the others run out in its hand."""
    _add(db, "slow", "second", "third")
    seen: list[str] = []
    with transaction(db) as session:
        handful = outbox.lease(session, "greedy", clock.now(), limit=10)
    for job in handful:
        seen.append(job.key)
        if job.key == "deed:slow":
            clock.forward(seconds=90)
            _hand(db, clock, _noting(seen), "right").work(10)
    assert seen.count("deed:second") == seen.count("deed:third") == 2


def test_a_lease_is_kept_while_the_answer_is_awaited(db: Database, clock: StoppedClock) -> None:
    _add(db, "slow")
    seen: list[str] = []

    def deed(job: Leased) -> Outcome:
        seen.append(job.key)
        for _ in range(9):
            clock.forward(seconds=20)
            hand.keep()
            assert _hand(db, clock, deed, "right").work(1) == 0, "another hand took it meanwhile"
        return Outcome()

    hand = _hand(db, clock, deed)
    assert hand.work(10) == 1
    assert (seen, _states(db)) == (["deed:slow"], {"deed:slow": JobState.DONE})
    hand.keep()  # nothing in hand, nothing to keep


def test_what_hangs_for_good_is_given_to_another(db: Database, clock: StoppedClock) -> None:
    _add(db, "hangs")
    seen: list[str] = []

    def deed(_: Leased) -> Outcome:
        clock.forward(minutes=10, seconds=1)
        hand.keep()
        assert _hand(db, clock, _noting(seen), "right").work(1) == 1
        return Outcome("too late")

    hand = _hand(db, clock, deed)
    hand.work(1)
    assert (seen, _states(db)) == (["deed:hangs"], {"deed:hangs": JobState.DONE})


def test_a_hand_for_the_urgent_takes_nothing_else(db: Database, clock: StoppedClock) -> None:
    _add(db, "sync")
    seen: list[str] = []
    first = _hand(db, clock, _noting(seen), up_to=2)
    assert first.work(10) == 0
    _add(db, "void", priority=2)
    assert (first.work(10), seen) == (1, ["deed:void"])


def test_kinds_that_are_left(db: Database, clock: StoppedClock) -> None:
    _add(db, "1", kind="stripe", priority=1)
    _add(db, "1", kind="mail")
    seen: list[str] = []
    assert _hand(db, clock, _noting(seen), left=outbox.of_kinds(["stripe", "other"])).work(10) == 1
    assert seen == ["mail:1"]
    assert _hand(db, clock, _noting(seen)).work(10) == 1
    assert seen == ["mail:1", "stripe:1"]


def test_a_slow_question_keeps_no_capture_waiting(db: Database, clock: StoppedClock) -> None:
    """Two hands in threads of their own: one hangs in a question, the other takes the money."""
    asked, captured = threading.Event(), threading.Event()
    stopping = threading.Event()

    def deed(job: Leased) -> Outcome:
        if job.key == "deed:sync":
            asked.set()
            assert captured.wait(10), "the capture waited for the question"
        else:
            captured.set()
        return Outcome()

    _add(db, "sync")
    both = [_hand(db, clock, deed, name, up_to=up_to, stopping=stopping) for name, up_to in (("first", 2), ("second", 5))]
    threads = [threading.Thread(target=hand.run) for hand in both]
    for thread in threads:
        thread.start()
    assert asked.wait(10)
    _add(db, "capture", priority=1)
    assert captured.wait(10)
    stopping.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert _states(db) == {"deed:sync": JobState.DONE, "deed:capture": JobState.DONE}


def test_a_database_that_is_away_stops_no_hand(db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(db, "1")
    stopping, tries = threading.Event(), list[int]()

    def away(hand: Hand, most: int) -> int:
        tries.append(most)
        if len(tries) == 1:
            raise RuntimeError("the database is away")
        stopping.set()
        return 0

    monkeypatch.setattr(hands, "PAUSE", 0.0)
    monkeypatch.setattr(Hand, "work", away)
    _hand(db, clock, _noting([]), stopping=stopping).run()
    assert len(tries) == 2


def test_what_was_done_is_noted_once_the_database_is_back(
    db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a letter that was sent would be sent again when its lease ends, as nobody knows of it."""
    _add(db, "1", "2")
    seen, finish, refused = list[str](), Hand._finish, list[str]()

    def busy_twice(hand: Hand, job: Leased, outcome: Outcome, *, more: bool) -> Leased | None:
        if len(refused) < 2:
            refused.append(job.key)
            raise Unavailable("busy")
        return finish(hand, job, outcome, more=more)

    monkeypatch.setattr(hands, "PAUSE", 0.0)
    monkeypatch.setattr(Hand, "_finish", busy_twice)
    assert _hand(db, clock, _noting(seen)).work(10) == 2
    assert (seen, refused) == (["deed:1", "deed:2"], ["deed:1", "deed:1"])
    assert set(_states(db).values()) == {JobState.DONE}


def test_a_lease_that_was_lost_cannot_be_kept(db: Database, clock: StoppedClock) -> None:
    _add(db, "1")
    with transaction(db) as session:
        [mine] = outbox.lease(session, "left", NOW)
    later = NOW + timedelta(seconds=61)
    with transaction(db) as session:
        [theirs] = outbox.lease(session, "right", later)
        assert (outbox.keep(session, mine, later), outbox.keep(session, theirs, later)) == (False, True)

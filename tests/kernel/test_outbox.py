"""The outbox: written with its cause, leased once, fenced, tried again with back-off, given up visibly."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict
from app.kernel.outbox import Job, JobState, Leased
from tests.cast import NOW


def _add(db: Database, key: str = "1", **more: Any) -> bool:
    with transaction(db) as session:
        return outbox.enqueue(session, "deed", key, {"row": key}, now=more.pop("now", NOW), **more)


def _lease(db: Database, owner: str = "w1", seconds: float = 0, **more: Any) -> list[Leased]:
    with transaction(db) as session:
        return outbox.lease(session, owner, NOW + timedelta(seconds=seconds), **more)


def _jobs(db: Database) -> list[Job]:
    with reading(db) as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def test_a_rolled_back_cause_leaves_no_job(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), transaction(db) as session:
        assert outbox.enqueue(session, "deed", "1", {}, now=NOW) / 0
    assert _jobs(db) == []


def test_hints_coalesce_while_one_waits_but_not_while_it_runs(db: Database) -> None:
    assert [_add(db), _add(db)] == [True, False]
    [job] = _lease(db)
    assert (job.kind, job.key, job.payload, job.attempts) == ("deed", "deed:1", {"row": "1"}, 1)
    assert _add(db) is True
    assert [each.state for each in _jobs(db)] == [JobState.LEASED, JobState.WAITING]


def test_once_is_for_ever(db: Database) -> None:
    assert _add(db, once=True) is True
    [job] = _lease(db)
    with transaction(db) as session:
        assert outbox.done(session, job, NOW) is True
    assert _add(db, once=True) is False
    assert len(_jobs(db)) == 1


def test_nothing_is_taken_before_its_time(db: Database) -> None:
    _add(db, run_at=NOW + timedelta(seconds=2))
    with reading(db) as session:
        assert outbox.anything_due(session, NOW + timedelta(seconds=1.999)) is False
    assert _lease(db, seconds=1.999) == []
    assert len(_lease(db, seconds=2)) == 1


def test_the_urgent_go_first(db: Database) -> None:
    _add(db, "mail", priority=6)
    _add(db, "capture", priority=1)
    _add(db, "sync")
    assert [job.key for job in _lease(db, limit=2)] == ["deed:capture", "deed:sync"]


def test_only_the_wanted_kinds_are_taken(db: Database) -> None:
    _add(db)
    assert _lease(db, kinds=["other"]) == []
    assert len(_lease(db, kinds=["deed"])) == 1


def test_a_leased_job_is_not_taken_again_until_its_lease_is_over(db: Database) -> None:
    _add(db)
    [first] = _lease(db)
    assert _lease(db, "w2", seconds=60) == []
    [second] = _lease(db, "w2", seconds=60.001)
    assert (second.id, second.attempts) == (first.id, 2)


def test_who_lost_the_lease_finishes_nothing(db: Database) -> None:
    _add(db)
    [slow] = _lease(db)
    [quick] = _lease(db, "w2", seconds=61)
    with transaction(db) as session:
        assert outbox.done(session, slow, NOW) is False
        assert outbox.failed(session, slow, "late", NOW) is False
    [job] = _jobs(db)
    assert (job.state, job.lease_owner, job.last_error) == (JobState.LEASED, "w2", None)
    with transaction(db) as session:
        assert outbox.done(session, quick, NOW) is True


def test_a_failure_is_tried_again_later(db: Database) -> None:
    _add(db)
    [job] = _lease(db)
    with transaction(db) as session:
        assert outbox.failed(session, job, "no answer", NOW, retry_in=100) is True
    [row] = _jobs(db)
    assert (row.state, row.last_error, row.lease_owner, row.lease_until) == (JobState.WAITING, "no answer", None, None)
    assert (row.run_at - NOW).total_seconds() == 100


def test_it_waits_longer_each_time_and_then_gives_up(db: Database) -> None:
    _add(db)
    waits, now = [], NOW
    for _ in range(outbox.GIVE_UP_AFTER):
        with transaction(db) as session:
            [job] = outbox.lease(session, "w", now)
            outbox.failed(session, job, "no answer", now)
        [row] = _jobs(db)
        waits.append((row.run_at - now).total_seconds())
        now = max(row.run_at, now)
    assert row.state is JobState.DEAD
    assert (row.last_error, row.finished_at, row.attempts) == ("no answer", now, 18)
    assert 1.5 < waits[0] < 4
    assert 12_000 * 0.75 < waits[-2] < 14_400 * 1.26
    assert 24 < (now - NOW).total_seconds() / 3600 < 48


def test_what_cannot_succeed_is_given_up_at_once(db: Database) -> None:
    _add(db)
    [job] = _lease(db)
    with transaction(db) as session:
        outbox.failed(session, job, "no such mailbox", NOW, dead=True)
    assert _jobs(db)[0].state is JobState.DEAD
    assert _lease(db, seconds=10**6) == []


def test_a_failure_gives_way_to_a_newer_hint(db: Database) -> None:
    _add(db)
    [job] = _lease(db)
    _add(db)
    with transaction(db) as session:
        assert outbox.failed(session, job, "no answer", NOW) is True
    assert [each.state for each in _jobs(db)] == [JobState.DONE, JobState.WAITING]


def test_who_was_merely_busy_does_not_use_up_a_try(db: Database) -> None:
    _add(db)
    for turn in range(outbox.GIVE_UP_AFTER + 5):
        now = NOW + timedelta(seconds=3 * turn)
        [job] = _lease(db, seconds=3 * turn)
        with transaction(db) as session:
            assert outbox.failed(session, job, "busy", now, retry_in=2.0) is True
    [row] = _jobs(db)
    assert (row.state, row.attempts) == (JobState.WAITING, 0)


def test_who_looks_again_without_news_makes_no_second_job(db: Database) -> None:
    """A hold that ends is looked at every two seconds; a Stripe that hangs must not fill every hand with the same deed."""
    _add(db)
    _lease(db)
    assert _add(db, if_idle=True) is False
    assert _add(db) is True  # news
    assert _add(db, "2", if_idle=True) is True


def test_a_worker_that_is_gone_keeps_nobody_from_looking(db: Database) -> None:
    _add(db)
    _lease(db)
    assert _add(db, if_idle=True, now=NOW + timedelta(seconds=61)) is True


def _try_until_spent(db: Database, *, patient: bool, tries: int) -> tuple[list[float], Job]:
    waits, now = [], NOW
    for _ in range(tries):
        with transaction(db) as session:
            [job] = outbox.lease(session, "w", now)
            outbox.failed(session, job, "no answer", now, patient=patient)
        [row] = _jobs(db)
        waits.append((row.run_at - now).total_seconds())
        now = max(row.run_at, now)
    return waits, row


def test_what_moves_money_is_never_given_up(db: Database) -> None:
    _add(db)
    waits, row = _try_until_spent(db, patient=True, tries=outbox.GIVE_UP_AFTER + 30)
    assert (row.state, row.attempts, row.last_error) == (JobState.WAITING, 48, "no answer")
    assert all(3600 * 3 <= wait <= 3600 * 5 for wait in waits[-31:])
    with reading(db) as session:
        assert session.scalars(select(Job.id).where(outbox.needs_a_person())).all() == [row.id]


def test_no_wait_is_ever_too_long_to_count(db: Database) -> None:
    assert 10_000 < outbox._back_off(100_000) < 20_000


def test_what_is_out_of_tries_can_be_tried_at_once(db: Database) -> None:
    _add(db)
    _, row = _try_until_spent(db, patient=True, tries=outbox.GIVE_UP_AFTER)
    with transaction(db) as session:
        assert outbox.retry(session, row.id, NOW) is True
    [row] = _jobs(db)
    assert (row.state, row.attempts, row.run_at) == (JobState.WAITING, 0, NOW)
    with transaction(db) as session, pytest.raises(Conflict):
        outbox.retry(session, row.id, NOW)

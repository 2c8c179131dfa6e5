"""The breaker around Stripe: five failures and nobody asks any more, one tries, and its answer ends the outage for everybody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import breaker, lapse, settle, sync
from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.payments import outages
from app.payments.gateway import Gateway, StripeAway, StripeBusy, StripeRefused, StripeTrouble, StripeUnclear, open_gateway
from app.worker import jobs
from sandbox import Control, LocalStripe
from tests.cast import NOW, StoppedClock


@pytest.fixture
def other_process(db: Database, clock: StoppedClock, local_stripe: LocalStripe, guarded: Gateway) -> Iterator[Gateway]:
    """Another process's gateway to the same Stripe, on the same database."""
    opened = open_gateway("sk_test_the_tests_own_key", local_stripe.url, breaker.Breaker(db, clock))
    yield opened
    opened.client._requestor._client.close()


def _away(db: Database) -> bool:
    with reading(db) as session:
        return outages.current(session) is not None


def _due(session: Session) -> list[str]:
    """What a worker would take now, the most urgent first."""
    return [job.kind for job in outbox.lease(session, "tests", NOW + timedelta(minutes=1), limit=9, left=jobs.LEFT)]


def _fail(gateway: Gateway, times: int) -> None:
    for _ in range(times):
        with pytest.raises(StripeUnclear):
            gateway.ping()


def _until_away(*gateways: Gateway) -> None:
    """The SDK tries each call twice, so the third one sees the fifth failure, and finds the door shut with its second try."""
    _fail(gateways[0], 2)
    with pytest.raises(StripeAway):
        gateways[-1].ping()


def _asked(stripe_control: Control) -> int:
    return len(stripe_control.requests())


@pytest.mark.parametrize("kind", ["500", "503", "reset", "lost", "hang"])
def test_every_kind_of_silence_counts(db: Database, guarded: Gateway, stripe_control: Control, kind: str) -> None:
    stripe_control.fault(kind, times=None, seconds=0.1)
    _until_away(guarded)
    assert _away(db)


@pytest.mark.parametrize("kind", ["429", "409", "401", "402", "403"])
def test_an_answer_is_no_failure(db: Database, guarded: Gateway, stripe_control: Control, kind: str) -> None:
    stripe_control.fault(kind, times=None)
    for _ in range(6):
        with pytest.raises((StripeBusy, StripeRefused)):
            guarded.ping()
    assert not _away(db)


def test_nobody_asks_any_more_in_any_process(
    db: Database, guarded: Gateway, other_process: Gateway, stripe_control: Control
) -> None:
    stripe_control.fault("503", times=None)
    _until_away(guarded, other_process)
    assert _away(db)
    before = _asked(stripe_control)
    for gateway in (guarded, other_process):
        with pytest.raises(StripeAway):
            gateway.ping()
    assert _asked(stripe_control) == before


def test_control_without_the_guard_everybody_asks_on(db: Database, gateway: Gateway, stripe_control: Control) -> None:
    stripe_control.fault("503", times=None)
    _fail(gateway, 5)
    assert not _away(db)
    assert _asked(stripe_control) == 10


def test_one_tries_and_its_answer_ends_it(
    db: Database, clock: StoppedClock, guarded: Gateway, other_process: Gateway, stripe_control: Control
) -> None:
    rule = stripe_control.fault("503", times=None)
    _until_away(guarded)
    clock.forward(seconds=5)
    before = _asked(stripe_control)
    with pytest.raises(StripeTrouble):
        guarded.ping()  # it tries, and Stripe is not back; the SDK's own repetition finds the door shut
    assert _asked(stripe_control) == before + 1
    stripe_control.clear_faults(rule["id"])
    with pytest.raises(StripeAway):
        other_process.ping()
    clock.forward(seconds=5)
    other_process.ping()
    assert not _away(db)
    guarded.ping()
    with reading(db) as session:
        [outage] = outages.recent(session)
    assert (outage.began_at, outage.ended_at) == (NOW, clock.now())
    assert outage.reason == "Stripe answered 503"


def test_a_refusal_is_an_answer_too(db: Database, clock: StoppedClock, guarded: Gateway, stripe_control: Control) -> None:
    stripe_control.fault("reset", times=5)
    _until_away(guarded)
    clock.forward(seconds=5)
    with pytest.raises(StripeRefused):
        guarded.fetch_session("cs_test_nobody")
    assert not _away(db)


def test_the_worker_has_somebody_try_while_it_is_away(db: Database, clock: StoppedClock, guarded: Gateway) -> None:
    with transaction(db) as session:
        assert breaker.probe_while_away(session, NOW) is False
        for _ in range(outages.FAILURES):
            outages.count_failure(session, "no answer", NOW)
        assert [breaker.probe_while_away(session, NOW) for _ in range(2)] == [True, False]
        outbox.enqueue(session, sync.SYNC, "1", {}, now=NOW)
        outbox.enqueue(session, lapse.LAPSE, "1", {}, now=NOW)
        assert _due(session) == [breaker.PROBE, lapse.LAPSE]
    breaker.probe(guarded)  # too early: somebody asked just now
    assert _away(db)
    clock.forward(seconds=5)
    breaker.probe(guarded)
    assert not _away(db)
    with transaction(db) as session:
        assert _due(session) == [sync.SYNC]


def test_what_was_put_off_is_done_when_stripe_is_back(db: Database, clock: StoppedClock, guarded: Gateway) -> None:
    with transaction(db) as session:
        outbox.enqueue(session, settle.CAPTURE, "1", {"payment": 1}, now=NOW, priority=1)
        outbox.enqueue(session, "mail.confirmed", "1", {"order": 1}, now=NOW, priority=6)
        outbox.enqueue(session, "attempt.send", "2", {"attempt": 2}, now=NOW, run_at=NOW.replace(hour=23), priority=4)
        for job in outbox.lease(session, "tests", NOW):
            outbox.failed(session, job, "no answer", NOW, retry_in=900)
        for _ in range(outages.FAILURES):
            outages.count_failure(session, "no answer", NOW)
    clock.forward(seconds=5)
    guarded.ping()
    with reading(db) as session:
        waits = {job.kind: (job.run_at - NOW).total_seconds() for job in session.scalars(select(Job))}
    assert waits == {settle.CAPTURE: 5, "mail.confirmed": 900, "attempt.send": 4 * 3600}

"""Races for money, mail and jobs: heard twice is done once, one buyer is one buyer, one job has one worker."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.checkout import sync
from app.checkout.settle import settle
from app.drops import limits
from app.inventory import holds
from app.inventory.models import Hold
from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import OverLimit
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.payments import attempts, inbox
from app.payments.facts import EventFacts
from app.payments.models import CheckoutAttempt, Payment, StripeEvent
from tests.builders import facts_of, open_attempt, open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, EVE, NOW, SHOP, StoppedClock
from tests.databases import loosen
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

BEN_AS_ADA = replace(BEN, email="Ada+second@example.org")


def _paying(db: Database, size: int = 3) -> CheckoutAttempt:
    drop, run = open_drop(db, size=size)
    return open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)


# webhook ‖ webhook


def _hear(db: Database, attempt: CheckoutAttempt) -> bool:
    about = attempt.session_id or ""
    event = EventFacts("evt_1", "checkout.session.completed", NOW, False, None, about, SHOP, attempt.id, about, None)
    with transaction(db) as session:
        return sync.hear(session, event, SHOP, NOW, live=False)


def _heard_twice(db: Database, attempt: CheckoutAttempt) -> list[bool]:
    rival = Rival(lambda: _hear(db, attempt))
    with at_statement(db, r"INSERT INTO stripe_events", rival):
        ours = _hear(db, attempt)
    return sorted([ours, rival.finish()])


def test_an_event_is_news_once(db: Database) -> None:
    assert _heard_twice(db, _paying(db)) == [False, True]
    with reading(db) as session:
        jobs = session.scalars(select(Job.id).where(Job.kind == sync.SYNC)).all()
        assert (len(jobs), len(session.scalars(select(StripeEvent.id)).all())) == (1, 1)


def _look_then_store(session: Any, event: EventFacts, attempt_id: int | None, now: Any) -> bool:
    if session.get(StripeEvent, event.id) is not None:
        return False
    fields = {name: getattr(event, name) for name in ("id", "type", "object_id", "livemode", "account", "created_at")}
    session.add(StripeEvent(**fields, received_at=now, attempt_id=attempt_id))
    session.flush()
    return True


def test_control_an_event_heard_without_its_key(breakable_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = _paying(breakable_db)
    _make_bare(breakable_db, "stripe_events", "outbox")
    monkeypatch.setattr(inbox, "remember", _look_then_store)
    with no_locks(breakable_db) as bare:
        assert _heard_twice(bare, attempt) == [True, True], "without its guard the event is news twice"


# webhook ‖ way back: two syncs that both asked Stripe before either settled


def _settle(db: Database, attempt: CheckoutAttempt) -> int | None:
    """Settle as paid; the number that the fan's order page shows afterwards."""
    with transaction(db) as session:
        settle(session, attempt.id, facts_of(attempt), NOW)
    with reading(db) as session:
        return max(session.scalars(select(Order.number).where(Order.attempt_id == attempt.id)), default=None)


def _settled_twice(db: Database, attempt: CheckoutAttempt) -> tuple[Any, Any, int]:
    rival = Rival(lambda: _settle(db, attempt))
    with at_statement(db, r"INSERT INTO orders", rival):
        ours = _settle(db, attempt)
    theirs = rival.finish()
    with reading(db) as session:
        return ours, theirs, len(session.scalars(select(Payment.id)).all())


def test_webhook_and_way_back_make_one_order(db: Database) -> None:
    assert _settled_twice(db, _paying(db)) == (1, 1, 1)
    with reading(db) as session:
        kinds = sorted(session.scalars(select(Job.kind).where(Job.state == JobState.WAITING)))
    assert kinds == ["attempt.send", "payment.capture"]


def test_control_settling_without_locks(breakable_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = _paying(breakable_db)
    _make_bare(breakable_db, "orders", "payments", "order_lines", "parcels", "outbox")
    monkeypatch.setattr(holds, "locked", lambda session, hold_id: session.get(Hold, hold_id))
    monkeypatch.setattr(attempts, "locked", lambda session, attempt_id: session.get(CheckoutAttempt, attempt_id))
    with no_locks(breakable_db) as bare:
        ours, theirs, payments = _settled_twice(bare, attempt)
    assert payments == 2, "without its guard the fan pays twice"
    assert ours != theirs


# limit ‖ limit: one e-mail, two cookies


def _two_cookies(db: Database, clock: StoppedClock) -> tuple[bool, Any]:
    """Late money for a hold that is gone, while the same person pays for another with another cookie: was each let through?"""
    drop, run = open_drop(db, size=5, limit=1)
    first = open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    with transaction(db) as session:
        attempts.move(session.get_one(CheckoutAttempt, first.id), attempts.AttemptState.EXPIRED, NOW)
        session.get_one(CheckoutAttempt, first.id).state = attempts.AttemptState.FAILED
    with transaction(db) as session:
        holds.put_back(session, session.get_one(Hold, first.hold_id), NOW, "machine", "lapsed")
    take_some(db, drop, {run: 1}, BEN)

    def pay_with_another_cookie() -> bool:
        hold = take_with_details(db, drop, {run: 1}, BEN_AS_ADA)
        return open_attempt(db, hold.id) is not None

    rival = Rival(pay_with_another_cookie)
    with at_statement(db, r"INSERT INTO orders", rival):
        ours = _settle(db, first) is not None
    return ours, rival.finish()


def test_two_cookies_of_one_person_are_one_buyer(db: Database, clock: StoppedClock) -> None:
    ours, theirs = _two_cookies(db, clock)
    assert ours is True
    assert isinstance(theirs, OverLimit)


def test_control_two_cookies_without_the_buyers_lock(
    db: Database, clock: StoppedClock, unchecked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "lock_buyer", lambda *_: None)
    with no_locks(db) as bare:
        assert _two_cookies(bare, clock) == (True, True), "without its guard one person gets two"


def test_two_holds_with_one_email_cannot_both_be_paid(db: Database) -> None:
    drop, run = open_drop(db, size=5, limit=1)
    open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    second = take_with_details(db, drop, {run: 1}, BEN_AS_ADA)
    with pytest.raises(OverLimit, match="you have 1 already"):
        open_attempt(db, second.id)
    open_attempt(db, take_with_details(db, drop, {run: 1}, EVE).id)


# two workers ‖ one job


def _lease(db: Database, owner: str) -> list[int]:
    with transaction(db) as session:
        return [job.id for job in outbox.lease(session, owner, NOW)]


def _leased_twice(db: Database) -> list[int]:
    with transaction(db) as session:
        outbox.enqueue(session, "deed", "1", {}, now=NOW)
    rival = Rival(lambda: _lease(db, "w2"))
    with at_statement(db, r"UPDATE outbox", rival):
        ours = _lease(db, "w1")
    return ours + list(rival.finish())


def test_a_job_has_one_worker(db: Database) -> None:
    assert _leased_twice(db) == [1]


def test_control_leasing_without_looking_again(db: Database, unchecked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_due", lambda now: Job.state.in_([JobState.WAITING, JobState.LEASED]))
    with no_locks(db) as bare:
        assert _leased_twice(bare) == [1, 1], "without its guard two workers do one job"


def _make_bare(db: Database, *tables: str) -> None:
    """Take every unique key off some tables for good."""
    with db.engine.connect() as connection:
        loosen(connection, set(tables))
        connection.commit()

"""Hints: webhook, way back and poller lead to the same question to Stripe, and no hint is lost or heard twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.checkout import sync
from app.kernel.db import reading, transaction
from app.kernel.outbox import Job
from app.payments.facts import EventFacts
from app.payments.gateway import StripeUnclear, open_gateway
from app.payments.models import StripeEvent
from app.payments.states import AttemptState
from tests.builders import end_payment, facts_of, open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import BEN, NOW, SHOP
from tests.story import Story


@pytest.fixture
def attempt(story: Story) -> int:
    drop, run = open_drop(story.db)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    with transaction(story.db) as session:
        session.execute(text("DELETE FROM outbox"))
    return story.attempts(hold.id)[0].id


def _hear(story: Story, kind: str = "checkout.session.completed", *, live: bool = False, **changed: Any) -> bool:
    about = {"shop": SHOP, "attempt_id": None, "session_id": None, "intent_id": None, "livemode": False, **changed}
    event = EventFacts("evt_1", kind, NOW, about.pop("livemode"), None, "obj", **about)
    with transaction(story.db) as session:
        return sync.hear(session, event, SHOP, NOW, live=live)


def _jobs(story: Story) -> list[tuple[str, object]]:
    with reading(story.db) as session:
        return [(job.key, job.payload) for job in session.scalars(select(Job).order_by(Job.id))]


def _events(story: Story) -> list[int | None]:
    with reading(story.db) as session:
        return list(session.scalars(select(StripeEvent.attempt_id)))


def test_an_event_of_ours_is_heard_once(story: Story, attempt: int) -> None:
    session_id = story.attempt(attempt).session_id
    assert _hear(story, attempt_id=attempt, session_id=session_id) is True
    assert _hear(story, attempt_id=attempt, session_id=session_id) is False
    assert _jobs(story) == [(f"attempt.sync:{attempt}", {"attempt": attempt, "session": session_id})]
    assert _events(story) == [attempt]


def test_an_event_is_known_by_session_or_intent(story: Story, attempt: int) -> None:
    assert _hear(story, shop=None, session_id=story.attempt(attempt).session_id) is True
    drop, run = open_drop(story.db)
    other = open_attempt(story.db, take_with_details(story.db, drop, {run: 1}, BEN).id)
    settle_as(story.db, other)
    with transaction(story.db) as session:
        session.execute(text("DELETE FROM stripe_events"))
    assert _hear(story, shop=None, intent_id=facts_of(other).intent_id) is True


@pytest.mark.parametrize(
    "about",
    [
        {"shop": "another", "attempt_id": 1},
        {"attempt_id": 4711},
        {"session_id": "cs_live_nobody"},
        {"intent_id": "pi_nobody"},
        {},
        {"attempt_id": 1, "livemode": True},
    ],
)
def test_what_is_not_ours_is_remembered_and_left_alone(story: Story, attempt: int, about: dict[str, Any]) -> None:
    assert _hear(story, **about) is False
    assert (_jobs(story), _events(story)) == ([], [None])


def test_that_money_was_taken_is_no_news_where_we_took_it(story: Story) -> None:
    drop, run = open_drop(story.db)
    order = paid_order(story.db, drop, {run: 1})
    assert order.attempt_id is not None
    before = _jobs(story)
    assert _hear(story, sync.CAPTURED, attempt_id=order.attempt_id) is False
    assert _jobs(story) == before


def test_that_money_was_taken_is_asked_about_unless_our_own_answer_comes(story: Story) -> None:
    drop, run = open_drop(story.db)
    mine = open_attempt(story.db, take_with_details(story.db, drop, {run: 1}).id)
    payment = settle_as(story.db, mine)
    assert payment is not None
    assert _hear(story, sync.CAPTURED, attempt_id=mine.id) is True
    with reading(story.db) as session:
        job = session.scalars(select(Job).where(Job.key == f"attempt.sync:{mine.id}:captured")).one()
    assert job.run_at == NOW + sync.OWN_ANSWER
    nowhere = open_gateway("sk_test_x", "http://127.0.0.1:9")
    with pytest.raises(StripeUnclear):
        sync.sync(story.db, nowhere, story.clock, mine.id, unless_captured=True)
    end_payment(story.db, payment.id)
    sync.sync(story.db, nowhere, story.clock, mine.id, unless_captured=True)  # Stripe is not asked any more


def test_hints_coalesce(story: Story, attempt: int) -> None:
    with transaction(story.db) as session:
        assert [sync.hint(session, attempt, NOW), sync.hint(session, attempt, NOW)] == [True, False]
    assert len(_jobs(story)) == 1


def test_a_silent_stripe_is_asked_again(story: Story, attempt: int) -> None:
    lonely = open_gateway("sk_test_x", "http://127.0.0.1:9")
    with pytest.raises(StripeUnclear):
        sync.sync(story.db, lonely, story.clock, attempt)
    lonely.client._requestor._client.close()
    assert story.attempt(attempt).state is AttemptState.OPEN


def test_an_event_that_overtakes_our_own_call(story: Story) -> None:
    """The webhook knows the session before the call that made it has come back."""
    drop, run = open_drop(story.db)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    with transaction(story.db) as session:
        session.execute(text("UPDATE checkout_attempts SET state = 'wanted', session_id = NULL, url = NULL"))
    sync.sync(story.db, story.gateway, story.clock, attempt.id)  # knows no session, does nothing
    assert story.attempt(attempt.id).state is AttemptState.WANTED
    sync.sync(story.db, story.gateway, story.clock, attempt.id, attempt.session_id)
    assert (story.attempt(attempt.id).state, story.attempt(attempt.id).session_id) == (AttemptState.OPEN, attempt.session_id)
    sync.sync(story.db, story.gateway, story.clock, 4711)


def test_the_poller_asks_after_half_a_minute(story: Story, attempt: int) -> None:
    with transaction(story.db) as session:
        assert sync.poll(session, NOW + timedelta(seconds=30)) == 0
        assert sync.poll(session, NOW + timedelta(seconds=30, milliseconds=1)) == 1
        assert sync.poll(session, NOW + timedelta(seconds=31)) == 0  # the hint waits already
    assert [key for key, _ in _jobs(story)] == [f"attempt.sync:{attempt}"]


def test_the_poller_sends_what_was_never_clear(story: Story, attempt: int) -> None:
    with transaction(story.db) as session:
        session.execute(text("UPDATE checkout_attempts SET state = 'unknown', session_id = NULL, url = NULL"))
    assert story.poll() == 1
    assert [key for key, _ in _jobs(story)] == [f"attempt.send:{attempt}"]
    story.work()
    assert story.attempt(attempt).state is AttemptState.OPEN


def test_the_poller_leaves_what_is_settled(story: Story, attempt: int) -> None:
    story.stripe.pay(story.attempt(attempt).session_id or "")
    sync.sync(story.db, story.gateway, story.clock, attempt)
    story.work()
    assert story.poll() == 0

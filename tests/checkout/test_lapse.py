"""Ending a hold: at once where Stripe was never asked, otherwise only after Stripe says that nobody can pay."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.checkout import lapse, pay, send
from app.inventory.models import StockMovement
from app.inventory.states import HoldState
from app.kernel.db import reading, transaction
from app.kernel.errors import HoldLapsed, Paying
from app.payments.facts import Address
from app.payments.gateway import Gateway, StripeTrouble, StripeUnclear, open_gateway
from app.payments.states import AttemptState
from tests.builders import RETURNS, open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, NOW
from tests.story import Story


def _lonely() -> Gateway:
    return open_gateway("sk_test_x", "http://127.0.0.1:9")


def _asked(story: Story) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in story.stripe.requests()]


def _paying(story: Story) -> tuple[int, int, int, int]:
    """Ada pays for the only copy: drop, run, hold and attempt."""
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    return drop, run, hold.id, story.attempts(hold.id)[0].id


def _unclear(story: Story) -> tuple[int, int, int]:
    """Ada pressed pay and Stripe did not answer: run, hold and attempt."""
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    lonely = _lonely()
    pay.pay(story.db, lonely, story.clock, hold.id, 2595, RETURNS, lambda _: Address())
    lonely.client._requestor._client.close()
    story.waited_enough(hold.id)
    return run, hold.id, story.attempts(hold.id)[0].id


def test_a_hold_that_never_went_to_stripe(story: Story) -> None:
    drop, run = open_drop(story.db, size=2)
    hold = take_some(story.db, drop, {run: 2}).hold
    story.clock.set(hold.expires_at - timedelta(milliseconds=1))
    story.lapse(hold.id)
    assert story.hold(hold.id).state is HoldState.ACTIVE
    story.clock.set(hold.expires_at)
    story.lapse(hold.id)
    story.lapse(hold.id)
    ended = story.hold(hold.id)
    assert (ended.state, ended.ended_at, story.stock(run).copies) == (HoldState.PUT_BACK, hold.expires_at, "aa")
    with reading(story.db) as session:
        back = session.scalars(select(StockMovement).where(StockMovement.before == "held")).all()
    assert [(m.after, m.actor, m.reason, m.hold_id) for m in back] == [("available", "machine", "lapsed", hold.id)] * 2
    assert _asked(story) == []


def test_which_holds_are_overdue(story: Story) -> None:
    drop, run = open_drop(story.db, size=2)
    first = take_some(story.db, drop, {run: 1}, BEN).hold
    second = take_some(story.db, drop, {run: 1}, ADA, NOW + timedelta(minutes=1)).hold
    with reading(story.db) as session:
        assert lapse.overdue(session, first.expires_at - timedelta(milliseconds=1)) == []
        assert lapse.overdue(session, first.expires_at) == [first.id]
        assert lapse.overdue(session, second.expires_at) == [first.id, second.id]
        assert lapse.overdue(session, second.expires_at, limit=1) == [first.id]
    story.after_deadline(second.id)
    story.lapse(first.id)
    story.lapse(second.id)
    with reading(story.db) as session:
        assert lapse.overdue(session, story.clock.now()) == []
    story.lapse(4711)


def test_a_silent_stripe_keeps_the_copies(story: Story) -> None:
    drop, run, hold, attempt = _paying(story)
    story.after_deadline(hold)
    lonely = _lonely()
    for _ in range(2):
        with pytest.raises(StripeUnclear):
            lapse.lapse(story.db, lonely, story.clock, hold)
    lonely.client._requestor._client.close()
    assert (story.hold(hold).state, story.attempt(attempt).state) == (HoldState.CLOSING, AttemptState.OPEN)
    assert story.stock(run).copies == "h"
    with pytest.raises(HoldLapsed):
        story.pay(hold, shown=2595)
    with pytest.raises(Paying):
        take_some(story.db, drop, {run: 1}, ADA, story.clock.now())
    story.lapse(hold)
    assert (story.hold(hold).state, story.stock(run).copies) == (HoldState.PUT_BACK, "a")


def test_an_attempt_that_was_never_sent_is_given_up(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    with story.gateway.place(), story.gateway.place(), story.gateway.place(), story.gateway.place():
        story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.waited_enough(hold.id)
    story.after_deadline(hold.id)
    story.lapse(hold.id)
    assert (story.attempt(attempt.id).state, story.hold(hold.id).state) == (AttemptState.FAILED, HoldState.PUT_BACK)
    assert send.send(story.db, story.gateway, story.clock, attempt.id) is None
    story.work()
    assert _asked(story) == []


def test_a_session_that_an_unclear_call_made_is_found_and_ended(story: Story) -> None:
    run, hold, attempt = _unclear(story)
    kept = story.attempt(attempt)
    made = story.gateway.create_session(kept.request, kept.idempotency_key)  # it did arrive
    story.after_deadline(hold)
    story.lapse(hold)
    assert story.gateway.fetch_session(made.session_id).status == "expired"
    assert (story.attempt(attempt).state, story.attempt(attempt).session_id) == (AttemptState.EXPIRED, made.session_id)
    assert (story.hold(hold).state, story.stock(run).copies) == (HoldState.PUT_BACK, "a")


def test_a_session_that_was_never_made_is_made_sure_of(story: Story) -> None:
    """Within the session's life asking again with the same key makes it certain; it is ended at once."""
    run, hold, attempt = _unclear(story)
    story.clock.forward(minutes=4)
    with transaction(story.db) as session:
        session.execute(text("UPDATE holds SET created_at = :then, expires_at = :now"), _instants(story))
    story.lapse(hold)
    assert (story.attempt(attempt).state, story.hold(hold).state) == (AttemptState.EXPIRED, HoldState.PUT_BACK)
    assert story.stock(run).copies == "a"


def test_when_stripe_would_not_make_it_any_more_there_is_none(story: Story) -> None:
    run, hold, attempt = _unclear(story)
    story.after_deadline(hold)
    story.lapse(hold)  # its end is nearer than thirty minutes now, so Stripe refuses: nothing was made
    assert (story.attempt(attempt).state, story.hold(hold).state) == (AttemptState.FAILED, HoldState.PUT_BACK)
    assert story.stock(run).copies == "a"


def test_a_fault_kept_under_the_key_ends_with_the_sessions_life(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    run, hold, attempt = _unclear(story)

    def fault(*_: object) -> None:
        raise StripeUnclear("a saved 500")

    monkeypatch.setattr(Gateway, "create_session", fault)
    story.after_deadline(hold)
    with pytest.raises(StripeTrouble):
        story.lapse(hold)
    assert (story.hold(hold).state, story.stock(run).copies) == (HoldState.CLOSING, "h")
    story.clock.set(NOW + timedelta(minutes=40))
    with pytest.raises(StripeTrouble):
        story.lapse(hold)
    story.clock.forward(seconds=1)
    story.lapse(hold)
    assert (story.attempt(attempt).state, story.hold(hold).state) == (AttemptState.FAILED, HoldState.PUT_BACK)
    story.work()  # the job that would have sent it finds nothing to do


def test_putting_back(story: Story) -> None:
    drop, run = open_drop(story.db, size=2)
    hold = take_some(story.db, drop, {run: 2}).hold
    with transaction(story.db) as session:
        assert lapse.put_back(session, hold.id, NOW) == [1, 2]
    for hold_id in (hold.id, 4711):
        with pytest.raises(HoldLapsed), transaction(story.db) as session:
            lapse.put_back(session, hold_id, NOW)
    assert story.stock(run).copies == "aa"


def test_putting_back_while_paying(story: Story) -> None:
    _, run, hold, attempt = _paying(story)
    with pytest.raises(Paying), transaction(story.db) as session:
        lapse.put_back(session, hold, NOW)
    assert (story.stock(run).copies, lapse.pending_attempt(story.db, hold)) == ("h", attempt)
    lapse.stop_paying(story.db, story.gateway, story.clock, attempt)
    lapse.stop_paying(story.db, story.gateway, story.clock, attempt)
    assert (lapse.pending_attempt(story.db, hold), story.hold(hold).state) == (None, HoldState.ACTIVE)
    with transaction(story.db) as session:
        assert lapse.put_back(session, hold, NOW) == [1]


def test_stopping_what_was_just_paid(story: Story) -> None:
    _, run, hold, attempt = _paying(story)
    story.stripe.pay(story.attempt(attempt).session_id or "")
    lapse.stop_paying(story.db, story.gateway, story.clock, attempt)
    assert (story.attempt(attempt).state, story.hold(hold).state) == (AttemptState.COMPLETE, HoldState.SPENT)
    assert story.stock(run).copies == "s"


def _instants(story: Story) -> dict[str, object]:
    now = story.clock.now()
    if story.db.is_sqlite:
        return {"then": "2026-11-27 18:00:00.000000", "now": now.strftime("%Y-%m-%d %H:%M:%S.%f")}
    return {"then": now - timedelta(hours=1), "now": now}

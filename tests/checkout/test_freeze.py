"""The time of a hold stands still while its fan waits for a payment page or Stripe is away; at most ten minutes, and stored."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.checkout import freeze, lapse
from app.inventory import freezing
from app.inventory.models import HoldFreeze
from app.inventory.states import HoldState
from app.kernel.db import reading, transaction
from app.payments import outages
from app.payments.states import AttemptState
from tests.builders import open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, NOW
from tests.story import Story

TEN = NOW + timedelta(minutes=10)


def _minutes(story: Story, hold_id: int) -> int:
    with reading(story.db) as session:
        return freezing.given(session, hold_id) // timedelta(minutes=1)


def _away(story: Story) -> None:
    with transaction(story.db) as session:
        for _ in range(outages.FAILURES):
            outages.count_failure(session, "no answer", story.clock.now())


def _back(story: Story) -> None:
    with transaction(story.db) as session:
        outage = outages.current(session)
        assert outage is not None
        outages.end(session, outage.id, story.clock.now())


def _freeze(story: Story) -> int:
    with reading(story.db) as session:
        due = freeze.due(session, story.clock.now())
    with transaction(story.db) as session:
        count = freeze.freeze(session, story.clock.now())
    assert due is (count > 0)
    return count


@pytest.fixture
def in_line(story: Story) -> int:
    """A hold that asked to pay while every place was taken."""
    drop, run = open_drop(story.db, size=3)
    hold = take_with_details(story.db, drop, {run: 1})
    with story.gateway.place(), story.gateway.place(), story.gateway.place(), story.gateway.place():
        assert story.pay(hold.id).url is None
    return hold.id


def test_who_waits_for_the_page_loses_no_time(story: Story, in_line: int) -> None:
    story.clock.forward(seconds=5)
    assert _freeze(story) == 0  # so long it takes on a good day
    story.clock.forward(seconds=1)
    assert _freeze(story) == 1
    assert (story.hold(in_line).expires_at, _minutes(story, in_line)) == (TEN + timedelta(minutes=1), 1)
    story.clock.forward(seconds=59)
    assert _freeze(story) == 0  # that minute is made good already
    story.clock.forward(seconds=1)
    assert _freeze(story) == 1
    assert story.hold(in_line).expires_at == TEN + timedelta(minutes=2)


def test_with_the_page_there_the_time_goes_on(story: Story, in_line: int) -> None:
    story.work()
    assert story.attempts(in_line)[0].state is AttemptState.OPEN
    story.clock.forward(minutes=3)
    assert (_freeze(story), story.hold(in_line).expires_at) == (0, TEN)


def test_ten_minutes_in_a_holds_life(story: Story, in_line: int) -> None:
    for _ in range(40):
        story.clock.forward(minutes=1)
        _freeze(story)
    assert (story.hold(in_line).expires_at, _minutes(story, in_line)) == (TEN + timedelta(minutes=10), 10)
    story.lapse(in_line)
    assert story.hold(in_line).state is HoldState.PUT_BACK  # never sent, so nobody need be asked
    story.work()


def test_while_stripe_is_away_also_who_has_the_page(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    paying, looking = take_with_details(story.db, drop, {run: 1}), take_some(story.db, drop, {run: 1}, BEN).hold
    story.pay(paying.id)
    assert story.attempts(paying.id)[0].state is AttemptState.OPEN
    _away(story)
    assert _freeze(story) == 1
    assert story.hold(paying.id).expires_at == TEN + timedelta(minutes=1)
    assert story.hold(looking.id).expires_at == TEN  # has not asked to pay
    _back(story)
    story.clock.forward(minutes=2)
    assert _freeze(story) == 0


def test_the_first_click_while_stripe_is_away_counts_at_once(story: Story) -> None:
    drop, run = open_drop(story.db)
    hold = take_with_details(story.db, drop, {run: 1})
    _away(story)
    assert story.pay(hold.id).url is None
    [attempt] = story.attempts(hold.id)
    assert (attempt.state, attempt.sent_at) == (AttemptState.WANTED, None)
    assert (story.hold(hold.id).expires_at, story.stripe.requests()) == (TEN + timedelta(minutes=1), [])


def test_lapse_gives_the_minute_itself_when_nobody_else_has(story: Story, in_line: int) -> None:
    story.after_deadline(in_line)
    story.lapse(in_line)
    assert (story.hold(in_line).state, _minutes(story, in_line)) == (HoldState.ACTIVE, 1)
    story.clock.forward(minutes=20)  # the worker was dead; more than ten minutes are nobody's to give
    story.lapse(in_line)
    assert story.hold(in_line).state is HoldState.PUT_BACK
    assert _minutes(story, in_line) == 10
    story.work()


def test_a_hold_overdue_by_minutes_lives_again(story: Story, in_line: int) -> None:
    story.clock.set(TEN + timedelta(minutes=4))
    story.lapse(in_line)
    assert (story.hold(in_line).expires_at, _minutes(story, in_line)) == (TEN + timedelta(minutes=5), 5)
    assert story.hold(in_line).state is HoldState.ACTIVE


def test_control_without_the_freeze_the_fault_eats_the_hold(story: Story, in_line: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lapse, "freeze_one", lambda *_: False)
    story.after_deadline(in_line)
    story.lapse(in_line)
    assert story.hold(in_line).state is HoldState.PUT_BACK


def test_what_is_over_or_closing_stays_so(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    hold = take_with_details(story.db, drop, {run: 1}, ADA)
    story.pay(hold.id)
    with transaction(story.db) as session:
        found = session.get(type(hold), hold.id)
        assert found is not None
        found.state = HoldState.CLOSING
    _away(story)
    assert _freeze(story) == 0
    with reading(story.db) as session:
        assert session.scalars(select(HoldFreeze)).all() == []
    _back(story)
    story.after_deadline(hold.id)
    story.lapse(hold.id)
    assert story.hold(hold.id).state is HoldState.PUT_BACK

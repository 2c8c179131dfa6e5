"""Webhooks that never came: the worker's look at Stripe finds what was refunded and disputed."""

import pytest
from sqlalchemy import select

from app.checkout import lookout
from app.checkout.parts import Plan
from app.kernel.db import reading, transaction
from app.kernel.outbox import Job, JobState
from app.orders.models import Order, OrderState
from app.payments.states import DisputeState, RefundState
from tests.builders import open_drop
from tests.cast import BEN
from tests.giving import ask
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of one copy: €25.95."""
    drop, run = open_drop(story.db, size=3)
    return story.buy(drop, {run: 1})


def _minute(story: Story) -> None:
    story.clock.forward(seconds=60)
    story.look_around()
    story.work()


def _waiting(story: Story) -> set[str]:
    with reading(story.db) as session:
        return set(session.scalars(select(Job.key).where(Job.state == JobState.WAITING, Job.kind.not_like("mail.%"))))


def test_a_refund_nobody_told_us_of(story: Story, bought: Order) -> None:
    story.stripe.refund(story.intent_id(bought.id))
    _minute(story)
    [refund] = story.refunds()
    assert (refund.state, refund.cause, story.order(bought.id).state) == (RefundState.SUCCEEDED, "poll", OrderState.CANCELLED)


def test_a_dispute_nobody_told_us_of(story: Story, bought: Order) -> None:
    made = story.stripe.dispute(story.intent_id(bought.id))
    _minute(story)
    assert [(each.state, each.cause) for each in story.disputes()] == [(DisputeState.NEEDS_RESPONSE, "poll")]
    story.stripe.end_dispute(made["id"], "lose")
    _minute(story)
    assert [each.state for each in story.disputes()] == [DisputeState.LOST]


def test_an_old_dispute_is_asked_about_by_the_hour(story: Story, bought: Order) -> None:
    made = story.stripe.dispute(story.intent_id(bought.id))
    _minute(story)
    for _ in range(3):  # so that the lists no longer reach back to it
        story.clock.forward(minutes=30)
        _minute(story)
    asked = len(story.stripe.requests(path="/v1/disputes"))
    story.stripe.end_dispute(made["id"], "win")
    _minute(story)
    assert [each.state for each in story.disputes()] == [DisputeState.NEEDS_RESPONSE]
    story.clock.forward(minutes=61)
    _minute(story)
    assert [each.state for each in story.disputes()] == [DisputeState.WON]
    assert len(story.stripe.requests(path="/v1/disputes")) > asked
    story.post()


def test_quiet_shops_are_quiet(story: Story, bought: Order) -> None:
    _minute(story)
    story.buy(bought.drop_id, {1: 1}, BEN)
    story.clock.forward(minutes=1)
    story.look_around()
    assert "payment.follow_up:1" not in _waiting(story)
    before = len(story.stripe.requests())
    story.work()
    asked = [call["path"] for call in story.stripe.requests()[before:]]
    assert sorted(path for path in asked if "session" not in path) == ["/v1/disputes", "/v1/refunds"]


def test_a_shop_that_took_no_money_asks_nothing(story: Story) -> None:
    open_drop(story.db)
    story.look_around()
    assert _waiting(story) == set()


def test_what_belongs_to_another_shop_is_passed_over(story: Story, bought: Order) -> None:
    story.stripe.refund(story.intent_id(bought.id), 100)
    with transaction(story.db) as session:
        payment = session.get_one(type(story.payments()[0]), 1)
        mine, payment.intent_id = payment.intent_id, "pi_somebody_else"
    story.clock.forward(seconds=60)
    lookout.look(story.db, story.gateway, story.clock)
    assert _waiting(story) <= {"attempt.send:1"}
    with transaction(story.db) as session:
        session.get_one(type(story.payments()[0]), 1).intent_id = mine


def test_nothing_is_missed_while_the_worker_was_away(story: Story, bought: Order) -> None:
    _minute(story)
    story.clock.forward(hours=20)
    story.stripe.refund(story.intent_id(bought.id), 100)
    story.clock.forward(hours=20)
    _minute(story)
    assert [each.amount for each in story.refunds()] == [100]
    story.post()


def test_a_refund_whose_job_is_gone_is_asked_for_all_the_same(story: Story, bought: Order) -> None:
    made = ask(story, bought.id, Plan(amount=100), 100)
    with transaction(story.db) as session:
        for job in session.scalars(select(Job).where(Job.kind == "refund.send")):
            session.delete(job)
    _minute(story)
    assert story.refund(made.id).state is RefundState.SUCCEEDED

"""Asking Stripe for a refund: once, whatever becomes of the answer, and visibly when it will not."""

import pytest

from app.checkout.parts import Plan
from app.orders.models import Order
from app.payments.models import Fate
from app.payments.states import RefundState
from tests.builders import disputed, open_drop
from tests.cast import SHOP
from tests.giving import all_of, ask, asked_and_done, at_stripe
from tests.story import Story

REFUNDS = "/v1/refunds"


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of one copy: €25.95."""
    drop, run = open_drop(story.db, size=3)
    return story.buy(drop, {run: 1})


def _until_done(story: Story, most: int = 8) -> None:
    """Let the worker try again and again, as time goes by."""
    for _ in range(most):
        story.post()
        story.clock.forward(minutes=5)


@pytest.mark.parametrize("fault", ["lost", "reset", "500", "500-after", "502", "garbage"])
def test_whatever_becomes_of_the_answer_it_is_given_back_once(story: Story, bought: Order, fault: str) -> None:
    story.stripe.fault(fault, REFUNDS, "POST", times=3)
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    _until_done(story)
    assert at_stripe(story) == [(1000, "succeeded")]
    assert story.refund(made.id).state is RefundState.SUCCEEDED
    assert story.letters("mail.refunded") == 1


def test_a_lost_answer_is_looked_up_before_it_is_asked_again(story: Story, bought: Order) -> None:
    story.stripe.fault("lost", REFUNDS, "POST", times=2)  # the SDK tries twice by itself
    ask(story, bought.id, Plan(amount=1000), 1000)
    _until_done(story)
    asked = [(call["method"], call["params"].get("payment_intent")) for call in story.stripe.requests(path=REFUNDS)]
    assert asked == [("POST", story.intent_id(bought.id))] * 2 + [("GET", story.intent_id(bought.id))]


def test_a_fault_that_stripe_keeps_under_the_key_is_not_waited_out(story: Story, bought: Order) -> None:
    story.stripe.fault("500", REFUNDS, "POST")
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    _until_done(story, 2)
    assert (story.refund(made.id).state, story.refund(made.id).tries) == (RefundState.SUCCEEDED, 1)


def test_a_call_of_yesterday_is_looked_up_and_asked_under_another_key(story: Story, bought: Order) -> None:
    story.stripe.fault("reset", REFUNDS, "POST", times=2)
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    story.work()
    story.clock.forward(hours=25)
    story.post()
    assert at_stripe(story) == [(1000, "succeeded")]
    assert (story.refund(made.id).tries, story.refund(made.id).sent_at) == (1, story.clock.now())


def test_two_workers_with_one_refund_give_back_once(story: Story, bought: Order) -> None:
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    story.give_back(made.id)
    story.give_back(made.id)
    assert at_stripe(story) == [(1000, "succeeded")]
    story.work()
    assert at_stripe(story) == [(1000, "succeeded")]


def test_a_definite_no_is_a_failed_refund(story: Story, bought: Order) -> None:
    made = ask(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 2595)
    story.stripe.refund(story.intent_id(bought.id), 2000)  # somebody at Stripe was quicker
    story.work()
    failed = story.refund(made.id)
    assert (failed.state, failed.ended_at) == (RefundState.FAILED, story.clock.now())
    assert "greater than" in failed.failure
    assert (at_stripe(story), story.letters("mail.refunded")) == ([(2000, "succeeded")], 0)


def test_a_key_that_may_not_refund_fails_nothing(story: Story, bought: Order) -> None:
    story.stripe.fault("403", REFUNDS, "POST", times=2)
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    story.work()
    assert story.refund(made.id).state is RefundState.WANTED
    _until_done(story)
    assert at_stripe(story) == [(1000, "succeeded")]


def test_what_was_disputed_before_stripe_was_asked_is_not_asked_for(story: Story, bought: Order) -> None:
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    disputed(story.db, bought.id, now=story.clock.now())
    story.work()
    assert (story.refund(made.id).state, at_stripe(story)) == (RefundState.FAILED, [])
    assert "disputed" in story.refund(made.id).failure


def test_a_slow_bank(story: Story) -> None:
    drop, run = open_drop(story.db)
    order = story.buy(drop, {run: 1}, card="4000000000007726")
    made = asked_and_done(story, order.id, Plan(amount=1000), 1000)
    assert (made.state, made.ended_at) == (RefundState.PENDING, None)
    assert story.letters("mail.refunded") == 1
    story.clock.forward(minutes=11)
    story.look_around()
    story.work()
    assert story.refund(made.id).state is RefundState.SUCCEEDED
    assert story.letters("mail.refunded") == 1


def test_refused_because_it_is_done_is_done(story: Story, bought: Order) -> None:
    made = ask(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 2595)
    key = story.refund(made.id).idempotency_key
    story.gateway.refund(story.intent_id(bought.id), 2595, "an older try", {"shop": SHOP, "key": key})
    story.work()
    assert (story.refund(made.id).state, at_stripe(story)) == (RefundState.SUCCEEDED, [(2595, "succeeded")])

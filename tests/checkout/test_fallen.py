"""A refund that fell through: tried again, paid back another way, or replaced; never twice."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.accounts.roles import Role
from app.checkout import cancel, fallen
from app.checkout.parts import Choice, Plan
from app.kernel.db import reading, transaction
from app.kernel.errors import Conflict, Disputed, NotFound, OverRefund
from app.orders.models import Order
from app.payments.models import Fate, Refund, RefundOrigin
from app.payments.states import RefundState
from app.reports import money_tasks
from app.reports.money_tasks import Kind
from tests.builders import disputed, open_drop, refunded_elsewhere
from tests.cast import NOW
from tests.giving import asked_and_done, at_stripe, copies_of, parts
from tests.staff.seat import make_staff
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of copies 1 and 2: €49.95; Sam (1) manages the label."""
    drop, run = open_drop(story.db, size=3)
    order = story.buy(drop, {run: 2})
    make_staff(story.db, "Sam", {order.label_id: Role.MANAGER})
    return order


@pytest.fixture
def failed(story: Story, bought: Order) -> Refund:
    """A refund of copy 1, put back, that the bank has sent back."""
    first, _ = copies_of(story.db, bought.id)
    made = asked_and_done(story, bought.id, Plan({first: Choice(Fate.PUT_BACK)}), 2400)
    story.stripe.end_refund(made.stripe_id or "")
    story.hears(bought.id, "refund.failed")
    story.work()
    assert story.stock(1).copies == "asa"  # the copy stays where it went
    return story.refund(made.id)


def _repeat(story: Story, refund: Refund) -> Refund:
    with transaction(story.db) as session:
        again = fallen.repeat(session, refund.id, 1, story.clock.now())
    story.work()
    return story.refund(again.id)


def _paid(story: Story, refund: Refund) -> Refund:
    with transaction(story.db) as session:
        fallen.paid_otherwise(session, refund.id, "by bank transfer on 1 December", story.clock.now())
    return story.refund(refund.id)


def test_tried_again(story: Story, failed: Refund) -> None:
    again = _repeat(story, failed)
    assert (again.state, again.amount, again.origin, again.asked_by) == (RefundState.SUCCEEDED, 2400, RefundOrigin.DESK, 1)
    assert parts(again) == [("copy", 2400, "put_back")]
    assert story.refund(failed.id).state is RefundState.REPEATED
    assert at_stripe(story) == [(2400, "failed"), (2400, "succeeded")]
    with pytest.raises(Conflict, match="dealt with"):
        _repeat(story, failed)


def test_paid_back_another_way_counts_as_given_back(story: Story, failed: Refund, bought: Order) -> None:
    paid = _paid(story, failed)
    assert (paid.state, paid.failure) == (RefundState.PAID_OTHERWISE, "lost_or_stolen_card; by bank transfer on 1 December")
    with pytest.raises(OverRefund, match=r"Only €25\.95"):
        asked_and_done(story, bought.id, Plan(amount=2596), 2596)
    story.hears(bought.id, "refund.updated", "evt_late")
    story.work()
    assert story.refund(failed.id).state is RefundState.PAID_OTHERWISE


def test_given_back_in_the_dashboard_too_a_person_is_told(story: Story, failed: Refund, bought: Order) -> None:
    _paid(story, failed)
    story.stripe.refund(story.intent_id(bought.id))  # Stripe knows nothing of the transfer
    story.hears(bought.id, "refund.created", "evt_twice")
    story.work()
    assert at_stripe(story) == [(2400, "failed"), (4995, "succeeded")]
    with reading(story.db) as session:
        told = money_tasks.tasks(session, [bought.label_id], story.clock.now())
        later = money_tasks.tasks(session, [bought.label_id], story.clock.now() + timedelta(days=8))
    twice = [(task.order_id, task.amount.amount) for task in told if task.kind is Kind.TWICE]
    assert (twice, [task for task in later if task.kind is Kind.TWICE]) == ([(bought.id, 2400)], [])
    with transaction(story.db) as session:  # the first time was long ago, and counts all the same
        session.execute(update(Refund).where(Refund.id == failed.id).values(created_at=NOW - timedelta(days=60)))
        told = money_tasks.tasks(session, [bought.label_id], story.clock.now())
    assert [task.amount.amount for task in told if task.kind is Kind.TWICE] == [2400]


def test_replaced_by_another(story: Story, failed: Refund, bought: Order) -> None:
    refunded_elsewhere(story.db, bought.id, 2400, now=story.clock.now())
    with transaction(story.db) as session:
        fallen.replaced(session, failed.id, story.clock.now())
    assert story.refund(failed.id).state is RefundState.REPEATED


def test_not_replaced_by_less(story: Story, failed: Refund, bought: Order) -> None:
    """By none at all, by one that was there before, or by one that is too small."""
    for already in (0, 500):
        if already:
            refunded_elsewhere(story.db, bought.id, already, now=story.clock.now())
        with pytest.raises(Conflict, match="No other refund"), transaction(story.db) as session:
            fallen.replaced(session, failed.id, story.clock.now())
    assert story.refund(failed.id).state is RefundState.FAILED


def test_what_is_left_is_tried_again(story: Story, bought: Order) -> None:
    """The fan cancelled before we heard of a refund in the dashboard, so Stripe refused to give all of it back."""
    story.stripe.refund(story.payments()[0].intent_id, 1000)
    with transaction(story.db) as session:
        cancel.cancel_by_fan(session, bought.id, story.clock.now())
    story.work()
    [ours] = story.refunds()
    assert (ours.state, ours.amount) == (RefundState.FAILED, 4995)
    story.hears(bought.id, "charge.refunded")
    story.work()
    again = _repeat(story, ours)
    assert (again.state, again.amount, parts(again)) == (
        RefundState.SUCCEEDED,
        3995,
        [("copy", 2400, "put_back"), ("copy", 1595, "put_back")],
    )
    assert at_stripe(story) == [(1000, "succeeded"), (3995, "succeeded")]


def test_not_when_the_money_is_gone_already(story: Story, failed: Refund, bought: Order) -> None:
    refunded_elsewhere(story.db, bought.id, 4000, now=story.clock.now())
    with pytest.raises(OverRefund):
        _paid(story, failed)
    refunded_elsewhere(story.db, bought.id, 995, now=story.clock.now())
    with pytest.raises(OverRefund):
        _repeat(story, failed)


def test_not_while_disputed(story: Story, failed: Refund, bought: Order) -> None:
    disputed(story.db, bought.id, now=story.clock.now())
    with pytest.raises(Disputed):
        _repeat(story, failed)


def test_what_began_at_stripe_is_tried_again_there(story: Story, bought: Order) -> None:
    made = refunded_elsewhere(story.db, bought.id, 700, RefundState.FAILED, now=story.clock.now())
    assert (made.state, made.failure) == (RefundState.FAILED, "failed")
    with pytest.raises(Conflict, match="dashboard"):
        _repeat(story, made)
    assert _paid(story, made).state is RefundState.PAID_OTHERWISE


def test_only_what_fell_through(story: Story, bought: Order) -> None:
    made = asked_and_done(story, bought.id, Plan(amount=100), 100)
    for deed in (_repeat, _paid):
        with pytest.raises(Conflict, match="did not fall through"):
            deed(story, made)
    with pytest.raises(NotFound):
        _paid(story, Refund(id=404))

"""Cancelling: copies and money in one deed, whatever the money is doing at that moment."""

from dataclasses import replace

import pytest

from app.checkout import cancel as verbs
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.kernel.db import transaction
from app.kernel.errors import AlreadyShipped, BadInput, Conflict, Disputed, NotFound
from app.orders.models import Order, OrderState
from app.payments.models import Fate, Refund, RefundOrigin
from app.payments.states import DisputeState, PaymentState, RefundState
from tests.builders import disputed, open_drop, take_with_details
from tests.cast import BEN, SAM
from tests.giving import all_of, ask, asked_and_done, at_stripe, desk, parts
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of copies 1 and 2: €49.95."""
    drop, run = open_drop(story.db, size=3)
    return story.buy(drop, {run: 2})


@pytest.fixture
def promised(story: Story) -> Order:
    """Ada's order of copy 1, authorised and not captured yet."""
    drop, run = open_drop(story.db, size=3)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.sync(attempt.id)
    [order] = story.orders()
    return order


def _cancel(story: Story, order: Order, fate: Fate = Fate.PUT_BACK) -> Refund | None:
    with transaction(story.db) as session:
        return verbs.cancel(session, order.id, all_of(story.db, order.id, fate), desk("the press broke"), story.clock.now())


def _as_fan(story: Story, order: Order) -> None:
    with transaction(story.db) as session:
        verbs.cancel_by_fan(session, order.id, story.clock.now())


def test_by_staff(story: Story, bought: Order) -> None:
    made = _cancel(story, bought)
    letters = story.post()
    assert made is not None
    assert (story.refund(made.id).state, parts(story.refund(made.id))[0]) == (RefundState.SUCCEEDED, ("copy", 2400, "put_back"))
    assert at_stripe(story) == [(4995, "succeeded")]
    order = story.order(bought.id)
    assert (order.state, order.cancel_reason, order.number) == (OrderState.CANCELLED, "the press broke", 1)
    assert story.stock(1).copies == "aaa"
    subjects = [letter.subject for letter in letters if "yours" not in letter.subject]
    assert sorted(subjects) == ["Order 00001 is cancelled", "€49.95 is on its way back to you"]


def test_copies_that_cannot_be_sold_again(story: Story, bought: Order) -> None:
    _cancel(story, bought, Fate.WITHDRAWN)
    story.post()
    assert story.stock(1).copies == "wwa"


def test_by_the_fan(story: Story, bought: Order) -> None:
    _as_fan(story, bought)
    letters = story.post()
    [refund] = story.refunds()
    assert (refund.origin, refund.state, refund.asked_by) == (RefundOrigin.FAN, RefundState.SUCCEEDED, None)
    assert (story.order(bought.id).state, story.stock(1).copies) == (OrderState.CANCELLED, "aaa")
    [letter] = [each for each in letters if "cancelled" in each.subject]
    assert "You called it off before it was packed." in letter.text
    assert "€49.95 goes back to you" in letter.text


def test_a_fan_needs_no_second_person(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        session.get_one(Order, bought.id).label.refund_limit = 0
    _as_fan(story, bought)
    story.work()
    assert story.refunds()[0].state is RefundState.SUCCEEDED


def test_above_the_limit_nothing_happens_until_the_second_person_says_yes(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        session.get_one(Order, bought.id).label.refund_limit = 0
    made = _cancel(story, bought)
    story.work()
    assert made is not None
    assert story.refund(made.id).state is RefundState.PROPOSED
    assert (story.order(bought.id).state, story.stock(1).copies, at_stripe(story)) == (OrderState.PLACED, "ssa", [])


@pytest.fixture
def limited(story: Story, bought: Order) -> Order:
    """Ada's paid order at a label that wants a second person for everything."""
    with transaction(story.db) as session:
        session.get_one(Order, bought.id).label.refund_limit = 0
    return bought


@pytest.mark.parametrize("plan", [Plan(amount=1000), Plan(whole=True)])
def test_what_waits_for_a_second_person_is_overtaken_by_the_fan(story: Story, limited: Order, plan: Plan) -> None:
    copies = all_of(story.db, limited.id, Fate.PUT_BACK) if plan.whole else {}
    asked = ask(story, limited.id, replace(plan, copies=copies), 4995 if plan.whole else 1000)
    _as_fan(story, limited)
    letters = story.post()
    assert (story.refund(asked.id).state, story.refund(asked.id).failure) == (RefundState.DECLINED, "the fan cancelled the order")
    assert (at_stripe(story), story.stock(1).copies) == ([(4995, "succeeded")], "aaa")
    [letter] = [each for each in letters if "cancelled" in each.subject]
    assert "€49.95 goes back to you" in letter.text


def test_what_waits_for_a_second_person_is_decided_before_staff_cancel(story: Story, limited: Order) -> None:
    asked = ask(story, limited.id, Plan(all_of(story.db, limited.id, Fate.PUT_BACK), whole=True), 4995)
    with pytest.raises(Conflict, match="waits for a second person"):
        _cancel(story, limited)
    assert (story.order(limited.id).state, story.refund(asked.id).state) == (OrderState.PLACED, RefundState.PROPOSED)


def test_promised_money_is_let_go(story: Story, promised: Order) -> None:
    assert _cancel(story, promised) is None
    letters = story.post()
    [payment] = story.payments()
    assert (payment.state, payment.void_reason) == (PaymentState.VOIDED, "cancelled")
    assert (story.intent(story.attempts(promised.hold_id)[0].session_id), at_stripe(story)) == ("canceled", [])
    assert (story.order(promised.id).state, story.stock(1).copies) == (OrderState.CANCELLED, "aaa")
    assert [letter.subject for letter in letters] == ["Order 00001 is cancelled"]
    assert "You were not charged." in letters[0].text


def test_money_that_was_being_taken_goes_back(story: Story, promised: Order) -> None:
    """Our capture is under way when the fan cancels: Stripe has taken it, and it goes back by itself."""
    story.gateway.capture(story.intent_id(promised.id), "the capture under way", {"order": "00001"})
    _as_fan(story, promised)
    letters = story.post()
    [payment], [refund] = story.payments(), story.refunds()
    assert (payment.state, refund.state, refund.origin) == (PaymentState.CAPTURED, RefundState.SUCCEEDED, RefundOrigin.MACHINE)
    assert at_stripe(story) == [(2595, "succeeded")]
    assert sorted(letter.subject for letter in letters) == ["Order 00001 is cancelled", "€25.95 is on its way back to you"]
    assert story.letters("mail.confirmed") == 0


def test_a_free_order(story: Story) -> None:
    drop, run = open_drop(story.db, price=0)
    order = story.give_away(drop, run)
    assert order.total_amount == 0
    _as_fan(story, order)
    letters = story.post()
    assert (story.refunds(), story.stock(run).copies.count("s")) == ([], 0)
    assert "no money to be paid back" in letters[-1].text


@pytest.mark.parametrize("deed", ["pack", "ship"])
def test_not_once_it_is_packed(story: Story, bought: Order, deed: str) -> None:
    with transaction(story.db) as session:
        if deed == "pack":
            shipping.pack(session, bought.id, story.clock.now())
        else:
            shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    for cancelling in (_cancel, _as_fan):
        with pytest.raises((Conflict, AlreadyShipped)):
            cancelling(story, bought)
    assert (story.order(bought.id).state, story.refunds()) == (OrderState.PLACED, [])


def test_not_twice(story: Story, bought: Order) -> None:
    _as_fan(story, bought)
    for cancelling in (_cancel, _as_fan):
        with pytest.raises(Conflict, match="already"):
            cancelling(story, bought)
    story.work()
    assert at_stripe(story) == [(4995, "succeeded")]


def test_not_while_disputed_but_once_it_is_lost(story: Story, bought: Order) -> None:
    disputed(story.db, bought.id, now=story.clock.now())
    for cancelling in (_cancel, _as_fan):
        with pytest.raises(Disputed):
            cancelling(story, bought)
    disputed(story.db, bought.id, DisputeState.LOST, now=story.clock.now())
    assert _cancel(story, bought) is None
    story.work()
    assert (story.order(bought.id).state, story.stock(1).copies, at_stripe(story)) == (OrderState.CANCELLED, "aaa", [])


def test_what_was_given_back_before_is_not_given_back_again(story: Story, bought: Order) -> None:
    asked_and_done(story, bought.id, Plan(amount=1000), 1000)
    _as_fan(story, bought)
    story.work()
    assert at_stripe(story) == [(1000, "succeeded"), (3995, "succeeded")]


def test_every_copy_needs_a_choice(story: Story, bought: Order) -> None:
    for copies in ({1: Choice(Fate.PUT_BACK)}, all_of(story.db, bought.id, Fate.KEPT), {}):
        with transaction(story.db) as session, pytest.raises((BadInput, Conflict)):
            verbs.cancel(session, bought.id, copies, desk(), story.clock.now())
    with transaction(story.db) as session, pytest.raises(NotFound):
        verbs.cancel(session, 404, {}, desk(), story.clock.now())


def test_the_limit_is_free_again(story: Story) -> None:
    drop, run = open_drop(story.db, size=3, limit=1)
    order = story.buy(drop, {run: 1})
    _as_fan(story, order)
    story.work()
    assert story.buy(drop, {run: 1}).number == 2
    assert story.buy(drop, {run: 1}, BEN).number == 3

"""Giving money back: what for, how much at most, what becomes of the copies, and what Stripe's answers mean."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.kernel.db import reading, transaction
from app.kernel.errors import BadInput, Conflict, NotPaid, OverRefund
from app.orders.models import Order, OrderState
from app.payments.models import Fate
from app.payments.states import RefundState
from tests.builders import open_attempt, open_drop, settle_as, take_with_details
from tests.cast import SAM
from tests.giving import all_of, ask, asked_and_done, at_stripe, copies_of, parts
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of copies 1 and 2, €24.00 each and €1.95 of postage."""
    drop, run = open_drop(story.db, size=3)
    return story.buy(drop, {run: 2})


def test_the_whole_order_before_it_left_is_cancelled(story: Story, bought: Order) -> None:
    made = asked_and_done(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 4995)
    assert (made.state, made.amount, made.stripe_id is not None) == (RefundState.SUCCEEDED, 4995, True)
    assert parts(made) == [("copy", 2400, "put_back"), ("copy", 2400, "put_back"), ("postage", 195, None)]
    assert at_stripe(story) == [(4995, "succeeded")]
    assert (story.order(bought.id).state, story.order(bought.id).cancel_reason) == (OrderState.CANCELLED, "crushed in the post")
    assert story.stock(1).copies == "aaa"
    assert (story.letters("mail.refunded"), story.letters("mail.cancelled"), story.letters("mail.not_charged")) == (1, 1, 0)


def test_the_whole_order_as_a_kindness_still_ships(story: Story, bought: Order) -> None:
    made = asked_and_done(story, bought.id, Plan(all_of(story.db, bought.id, Fate.KEPT), whole=True), 4995)
    assert (made.state, story.order(bought.id).state, story.stock(1).copies) == (RefundState.SUCCEEDED, OrderState.PLACED, "ssa")
    assert story.letters("mail.cancelled") == 0
    with transaction(story.db) as session:
        shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    assert story.letters("mail.shipped") == 1


def test_one_copy_withdrawn_and_the_other_shipped(story: Story, bought: Order) -> None:
    first, _second = copies_of(story.db, bought.id)
    made = asked_and_done(story, bought.id, Plan({first: Choice(Fate.WITHDRAWN, "shell cracked")}), 2400)
    assert parts(made) == [("copy", 2400, "withdrawn")]
    assert (story.order(bought.id).state, story.stock(1).copies) == (OrderState.PLACED, "wsa")
    with transaction(story.db) as session:
        shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    assert story.stock(1).copies == "wsa"


def test_postage_then_an_amount_then_all_that_is_left(story: Story, bought: Order) -> None:
    assert parts(asked_and_done(story, bought.id, Plan(postage=True), 195)) == [("postage", 195, None)]
    assert parts(asked_and_done(story, bought.id, Plan(amount=1000), 1000)) == [("amount", 1000, None)]
    with pytest.raises(Conflict, match="given back already"):
        asked_and_done(story, bought.id, Plan(postage=True), 195)
    rest = asked_and_done(story, bought.id, Plan(all_of(story.db, bought.id, Fate.KEPT), whole=True), 3800)
    assert parts(rest) == [("copy", 2400, "kept"), ("copy", 1400, "kept")]
    assert at_stripe(story) == [(195, "succeeded"), (1000, "succeeded"), (3800, "succeeded")]
    assert story.letters("mail.refunded") == 3


def test_goods_that_came_back(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    first, second = copies_of(story.db, bought.id)
    choices = {first: Choice(Fate.PUT_BACK), second: Choice(Fate.WITHDRAWN, "played once")}
    made = asked_and_done(story, bought.id, Plan(choices, whole=True, sent=True), 4995)
    assert (made.state, story.order(bought.id).state) == (RefundState.SUCCEEDED, OrderState.PLACED)
    assert story.stock(1).copies == "awa"


def test_more_than_is_left_is_refused(story: Story, bought: Order) -> None:
    with pytest.raises(OverRefund, match=r"Only €49\.95"):
        asked_and_done(story, bought.id, Plan(amount=4996), 4996)
    asked_and_done(story, bought.id, Plan(amount=4900), 4900)
    with pytest.raises(OverRefund, match=r"Only €0\.95"):
        asked_and_done(story, bought.id, Plan(amount=96), 96)
    assert at_stripe(story) == [(4900, "succeeded")]


@pytest.mark.parametrize("plan", [Plan(), Plan(whole=True), Plan({404: Choice(Fate.PUT_BACK)}), Plan(amount=-1)])
def test_what_makes_no_sense_is_refused(story: Story, bought: Order, plan: Plan) -> None:
    with pytest.raises((BadInput, Conflict)):
        asked_and_done(story, bought.id, plan, 0)
    assert story.refunds() == []


def test_the_sum_shown_is_the_sum_given_back(story: Story, bought: Order) -> None:
    with pytest.raises(Conflict, match="not to what you were shown"):
        asked_and_done(story, bought.id, Plan(postage=True), 194)
    assert at_stripe(story) == []


def test_nothing_may_be_left_to_send_while_money_is_kept(story: Story, bought: Order) -> None:
    with pytest.raises(Conflict, match="Choose the whole order"):
        asked_and_done(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK)), 4800)
    assert (story.refunds(), story.stock(1).copies) == ([], "ssa")


def test_what_lies_in_a_closed_parcel_stays_there(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        shipping.pack(session, bought.id, story.clock.now())
    first, _ = copies_of(story.db, bought.id)
    with pytest.raises(Conflict, match="packed parcel"):
        asked_and_done(story, bought.id, Plan({first: Choice(Fate.PUT_BACK)}), 2400)
    assert asked_and_done(story, bought.id, Plan(amount=500), 500).state is RefundState.SUCCEEDED  # money alone may go at any time


def test_what_was_chosen_before_the_parcel_left_is_asked_again(story: Story, bought: Order) -> None:
    first, _ = copies_of(story.db, bought.id)
    with transaction(story.db) as session:
        shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    with pytest.raises(Conflict, match="left meanwhile"):
        asked_and_done(story, bought.id, Plan({first: Choice(Fate.PUT_BACK)}), 2400)


def test_promised_money_cannot_be_given_back(story: Story) -> None:
    drop, run = open_drop(story.db)
    settle_as(story.db, open_attempt(story.db, take_with_details(story.db, drop, {run: 1}).id))
    [order] = story.orders()
    with pytest.raises(NotPaid):
        ask(story, order.id, Plan(amount=100), 100)


def test_the_same_copies_can_be_bought_again(story: Story, bought: Order) -> None:
    asked_and_done(story, bought.id, Plan(all_of(story.db, bought.id, Fate.PUT_BACK), whole=True), 4995)
    again = story.buy(bought.drop_id, {1: 3})
    assert (again.number, story.stock(1).copies) == (2, "sss")
    assert _states(story) == {bought.id: OrderState.CANCELLED, again.id: OrderState.PLACED}


def _states(story: Story) -> Mapping[int, OrderState]:
    with reading(story.db) as session:
        return {order.id: order.state for order in session.scalars(select(Order))}

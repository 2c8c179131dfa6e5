"""Refunds and disputes that were begun elsewhere: they appear by themselves, once, and only go forward."""

import pytest
from sqlalchemy import func, select

from app.accounts.models import AuditEntry
from app.checkout import aftermath
from app.checkout.parts import Plan
from app.fulfilment import parcels, shipping
from app.fulfilment.models import ParcelState
from app.kernel.db import reading, transaction
from app.kernel.errors import Disputed, NotPaid, OverRefund
from app.orders.models import Order, OrderState
from app.payments.facts import RefundFacts
from app.payments.models import RefundOrigin
from app.payments.states import DisputeState, RefundState
from tests.builders import disputed, open_drop, refunded_elsewhere, take_with_details
from tests.cast import SAM, SHOP
from tests.giving import ask, asked_and_done, parts
from tests.story import Story


@pytest.fixture
def bought(story: Story) -> Order:
    """Ada's paid order of copies 1 and 2: €49.95."""
    drop, run = open_drop(story.db, size=3)
    return story.buy(drop, {run: 2})


def _heard(story: Story, order: Order, kind: str = "refund.created", event_id: str = "evt_money") -> None:
    assert story.hears(order.id, kind, event_id)
    story.work()


def _ship(story: Story, order: Order) -> None:
    with transaction(story.db) as session:
        shipping.ship(session, order.id, "DHL", "", story.clock.now(), SAM)


def test_a_part_refunded_in_the_dashboard(story: Story, bought: Order) -> None:
    made = story.stripe.refund(story.intent_id(bought.id), 700)
    _heard(story, bought)
    [refund] = story.refunds()
    assert (refund.stripe_id, refund.amount, refund.currency, refund.order_id) == (made["id"], 700, "EUR", bought.id)
    assert (refund.origin, refund.state, refund.cause) == (RefundOrigin.DASHBOARD, RefundState.SUCCEEDED, "evt_money")
    assert parts(refund) == [("amount", 700, None)]
    assert (story.order(bought.id).state, story.stock(1).copies) == (OrderState.PLACED, "ssa")
    _ship(story, bought)  # a part never keeps an order from being shipped
    assert (story.letters("mail.refunded"), story.letters("mail.cancelled")) == (1, 0)
    _heard(story, bought, "charge.refunded", "evt_again")
    assert (len(story.refunds()), story.letters("mail.refunded")) == (1, 1)
    with reading(story.db) as session:
        [noted] = session.scalars(select(AuditEntry).where(AuditEntry.deed == "refund.appeared"))
    assert (noted.staff_id, noted.detail) == (None, {"amount": 700, "stripe": made["id"], "cause": "evt_money", "number": "00001"})


def test_all_refunded_in_the_dashboard_before_it_left(story: Story, bought: Order) -> None:
    with transaction(story.db) as session:
        shipping.pack(session, bought.id, story.clock.now())
    story.stripe.refund(story.intent_id(bought.id))
    _heard(story, bought)
    [refund] = story.refunds()
    assert parts(refund) == [("copy", 2400, "undecided"), ("copy", 2400, "undecided"), ("postage", 195, None)]
    order = story.order(bought.id)
    assert (order.state, order.cancel_reason) == (OrderState.CANCELLED, "refunded in full in Stripe's dashboard")
    assert story.stock(1).copies == "ssa"  # nobody at the desk has looked at them
    with transaction(story.db) as session:
        assert parcels.locked(session, bought.id).state is ParcelState.OPEN
        with pytest.raises(NotPaid, match="cancelled"):
            shipping.ship(session, bought.id, "DHL", "", story.clock.now(), SAM)
    assert (story.letters("mail.cancelled"), story.letters("mail.refunded")) == (1, 1)


def test_all_in_two_parts_in_the_dashboard(story: Story, bought: Order) -> None:
    story.stripe.refund(story.intent_id(bought.id), 3000)
    story.stripe.refund(story.intent_id(bought.id))
    _heard(story, bought)
    first, second = story.refunds()
    assert parts(first) == [("amount", 3000, None)]
    assert parts(second) == [("copy", 1995, "undecided"), ("copy", 0, "undecided")]
    assert story.order(bought.id).state is OrderState.CANCELLED


def test_all_refunded_in_the_dashboard_after_it_left(story: Story, bought: Order) -> None:
    _ship(story, bought)
    story.stripe.refund(story.intent_id(bought.id))
    _heard(story, bought)
    [refund] = story.refunds()
    assert parts(refund) == [("copy", 2400, "kept"), ("copy", 2400, "kept"), ("postage", 195, None)]
    assert story.order(bought.id).state is OrderState.PLACED


def test_the_rest_after_a_kindness_of_ours_ships_no_more(story: Story, bought: Order) -> None:
    asked_and_done(story, bought.id, Plan(postage=True), 195)
    story.stripe.refund(story.intent_id(bought.id))
    _heard(story, bought)
    assert parts(story.refunds()[1]) == [("copy", 2400, "undecided"), ("copy", 2400, "undecided")]
    assert story.order(bought.id).state is OrderState.CANCELLED


def test_a_part_that_only_fits_because_ours_was_not_made_yet(story: Story, bought: Order) -> None:
    """Ours is wanted when the dashboard gives a part back: the order is not taken for refunded in full."""
    ask(story, bought.id, Plan(amount=4500), 4500)
    story.stripe.refund(story.intent_id(bought.id), 1000)
    aftermath.follow_up(story.db, story.gateway, story.clock, bought.attempt_id or 0, "evt_money")
    assert story.order(bought.id).state is OrderState.PLACED
    story.work()
    assert [(each.amount, each.state) for each in story.refunds()] == [(4500, RefundState.FAILED), (1000, RefundState.SUCCEEDED)]


def test_ours_is_known_by_its_key_when_the_event_comes_first(story: Story, bought: Order) -> None:
    made = ask(story, bought.id, Plan(amount=1000), 1000)
    key = story.refund(made.id).idempotency_key
    found = story.gateway.refund(story.intent_id(bought.id), 1000, f"{key}:0", {"shop": SHOP, "key": key, "order": "00001"})
    aftermath.follow_up(story.db, story.gateway, story.clock, bought.attempt_id or 0, "evt_quick")
    story.work()
    [refund] = story.refunds()
    assert (refund.id, refund.stripe_id, refund.state) == (made.id, found.refund_id, RefundState.SUCCEEDED)
    assert story.letters("mail.refunded") == 1
    assert len(story.stripe.objects("refund")) == 1


@pytest.mark.parametrize("card", ["4000000000005126", "4242424242424242"])
def test_a_refund_that_the_bank_sends_back(story: Story, card: str) -> None:
    drop, run = open_drop(story.db)
    order = story.buy(drop, {run: 1}, card=card)
    made = asked_and_done(story, order.id, Plan(amount=1000), 1000)
    assert made.state is RefundState.SUCCEEDED
    if card == "4242424242424242":
        story.stripe.end_refund(made.stripe_id or "", "fail")
    else:
        story.clock.forward(minutes=1)
        story.stripe.advance(0)
    _heard(story, order, "refund.failed")
    failed = story.refund(made.id)
    assert (failed.state, failed.failure) == (RefundState.FAILED, "lost_or_stolen_card")
    _heard(story, order, "refund.updated", "evt_late")
    assert story.refund(made.id).state is RefundState.FAILED
    assert asked_and_done(story, order.id, Plan(amount=2595), 2595).state is RefundState.SUCCEEDED  # it counts no more


def test_an_answer_from_yesterday_moves_nothing_back(story: Story, bought: Order) -> None:
    refund = refunded_elsewhere(story.db, bought.id, 700)
    old = RefundFacts(refund.stripe_id or "", None, 700, "EUR", RefundState.PENDING, "", "", refund.created_at)
    with transaction(story.db) as session:
        aftermath.apply(session, refund.payment_id, [old], [], story.clock.now(), "evt_old")
    assert story.refund(refund.id).state is RefundState.SUCCEEDED


def test_while_disputed_nothing_is_shipped_or_given_back(story: Story, bought: Order) -> None:
    opened = story.stripe.dispute(story.intent_id(bought.id))
    _heard(story, bought, "charge.dispute.created")
    [dispute] = story.disputes()
    assert (dispute.stripe_id, dispute.state, dispute.amount, dispute.reason) == (
        opened["id"],
        DisputeState.NEEDS_RESPONSE,
        4995,
        "fraudulent",
    )
    assert dispute.evidence_due_by is not None
    for deed in (_ship, lambda s, o: ask(s, o.id, Plan(amount=100), 100)):
        with pytest.raises(Disputed):
            deed(story, bought)
    with transaction(story.db) as session, pytest.raises(Disputed):
        shipping.pack(session, bought.id, story.clock.now())
    story.stripe.end_dispute(opened["id"], "respond")
    story.clock.forward(days=1)
    story.stripe.end_dispute(opened["id"], "win")
    _heard(story, bought, "charge.dispute.closed", "evt_closed")
    [dispute] = story.disputes()
    assert (dispute.state, dispute.closed_at) == (DisputeState.WON, story.clock.now())
    story.clock.forward(seconds=1)
    _ship(story, bought)
    assert asked_and_done(story, bought.id, Plan(amount=100), 100).state is RefundState.SUCCEEDED
    story.post()


def test_a_lost_dispute_never_ships_and_is_not_given_back_again(story: Story, bought: Order) -> None:
    disputed(story.db, bought.id, now=story.clock.now())
    disputed(story.db, bought.id, DisputeState.LOST, now=story.clock.forward(days=3))
    with pytest.raises(Disputed, match="taken the money"):
        _ship(story, bought)
    with pytest.raises(OverRefund, match="Only €0"):
        ask(story, bought.id, Plan(amount=100), 100)
    story.post()


def test_an_inquiry_stops_shipping_too_and_ends(story: Story, bought: Order) -> None:
    asked = story.stripe.dispute(story.intent_id(bought.id), inquiry=True)
    _heard(story, bought, "charge.dispute.created")
    with pytest.raises(Disputed):
        _ship(story, bought)
    story.stripe.end_dispute(asked["id"], "win")
    story.clock.forward(seconds=1)
    _heard(story, bought, "charge.dispute.closed", "evt_closed")
    assert [each.state for each in story.disputes()] == [DisputeState.WARNING_CLOSED]
    _ship(story, bought)


def test_news_of_money_before_news_of_the_payment(story: Story) -> None:
    """Somebody captured and refunded in the dashboard before we had heard that it was paid at all."""
    drop, run = open_drop(story.db)
    hold = _paid_at_stripe(story, drop, run)
    [attempt] = story.attempts(hold)
    intent = story.gateway.fetch_session(attempt.session_id or "").intent_id or ""
    story.stripe.capture(intent)
    story.stripe.refund(intent)
    aftermath.follow_up(story.db, story.gateway, story.clock, attempt.id, "evt_early")
    [order], [refund] = story.orders(), story.refunds()
    assert (order.state, refund.amount, refund.origin) == (OrderState.CANCELLED, 2595, RefundOrigin.DASHBOARD)
    with reading(story.db) as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1


def _paid_at_stripe(story: Story, drop: int, run: int) -> int:
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    return hold.id

"""From a click to a parcel: the purchase in all its endings, with the real SDK against the local Stripe."""

import pytest
import requests
from sqlalchemy import text

from app.checkout import lapse
from app.fulfilment import shipping
from app.inventory.counts import numbers_of_lines
from app.inventory.states import HoldState
from app.kernel.db import reading, transaction
from app.kernel.errors import HoldLapsed, Paying, SoldOut
from app.orders.models import Order, OrderState
from app.payments.states import AttemptState, PaymentState
from sandbox import LocalStripe
from tests.builders import open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, NOW, SAM
from tests.story import Story

DECLINED = "4000000000000002"
SECURE = "4000002760003184"


def _numbers(story: Story, order: Order) -> list[tuple[int, ...]]:
    with reading(story.db) as session:
        lines = [line.id for line in session.get_one(Order, order.id).lines]
        return list(numbers_of_lines(session, lines).values())


def test_take_pay_settle_ship(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    hold = take_with_details(story.db, drop, {run: 2})
    going = story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert going.url == attempt.url
    assert attempt.session_id in (going.url or "")
    assert (attempt.state, attempt.amount) == (AttemptState.OPEN, 2 * 2400 + 195)
    assert story.stock(run).copies == "hha"

    assert story.stripe.pay(attempt.session_id or "", email=ADA.email, name=ADA.name)["outcome"] == "complete"
    assert story.intent(attempt.session_id) == "requires_capture"
    assert story.orders() == []
    assert story.webhook(attempt.id) is True
    assert story.work() >= 2

    [order], [payment] = story.orders(), story.payments()
    assert (order.number, order.state, order.total_amount, order.currency, order.late) == (1, OrderState.PLACED, 4995, "EUR", False)
    assert (order.email, order.name, order.line1, order.country) == (ADA.email, ADA.name, "Prüfweg 1", "DE")
    assert (payment.state, payment.amount, payment.order_id, payment.void_reason) == (PaymentState.CAPTURED, 4995, order.id, None)
    assert story.intent(attempt.session_id) == "succeeded"
    assert story.hold(hold.id).state is HoldState.SPENT
    assert _numbers(story, order) == [(1, 2)]
    assert (story.stock(run).copies, story.letters("mail.confirmed")) == ("ssa", 1)

    with transaction(story.db) as session:
        shipment = shipping.ship(session, order.id, "DHL", " 0034 ", NOW, SAM)
    assert shipment.tracking_url.endswith("tracking-id=0034")
    assert story.letters("mail.shipped") == 1
    with reading(story.db) as session:
        assert session.execute(text("SELECT state FROM copies ORDER BY number")).scalars().all() == [
            "shipped",
            "shipped",
            "available",
        ]
    assert story.webhook(attempt.id) is False  # heard before
    assert (len(story.orders()), len(story.payments())) == (1, 1)


def test_declined_then_paid(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    declined = story.stripe.pay(attempt.session_id or "", DECLINED)
    assert (declined["outcome"], declined["error"]["code"]) == ("declined", "card_declined")
    story.webhook(attempt.id, kind="payment_intent.payment_failed")
    story.work()
    assert (story.orders(), story.payments(), story.stock(run).copies) == ([], [], "h")
    assert story.hold(hold.id).state is HoldState.ACTIVE
    assert story.pay(hold.id).url == attempt.url  # the same session, not a new one
    assert len(story.attempts(hold.id)) == 1
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id, "evt_2")
    story.work()
    assert [order.number for order in story.orders()] == [1]
    assert story.payments()[0].state is PaymentState.CAPTURED


def test_the_bank_asks_first(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert story.stripe.pay(attempt.session_id or "", SECURE)["outcome"] == "authenticate"
    story.webhook(attempt.id, "evt_early")
    story.work()
    assert story.orders() == []
    story.stripe.authenticate(attempt.session_id or "", "complete")
    story.webhook(attempt.id, "evt_late")
    story.work()
    assert story.payments()[0].state is PaymentState.CAPTURED


def test_the_session_is_closed_at_the_deadline(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.after_deadline(hold.id)
    story.lapse(hold.id)
    assert story.attempt(attempt.id).state is AttemptState.EXPIRED
    assert story.hold(hold.id).state is HoldState.PUT_BACK
    assert story.gateway.fetch_session(attempt.session_id or "").status == "expired"
    with pytest.raises(requests.HTTPError):
        story.stripe.pay(attempt.session_id or "")
    assert (story.stock(run).copies, story.orders(), story.payments()) == ("a", [], [])
    take_some(story.db, drop, {run: 1}, BEN, story.clock.now())


def test_paid_at_the_deadline_before_we_closed_it(story: Story) -> None:
    """Stripe decides who was first: the expire call is refused, the session is complete, the fan gets the copies."""
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.after_deadline(hold.id)
    story.lapse(hold.id)
    story.work()
    assert (story.orders()[0].late, story.stock(run).copies) == (False, "s")
    assert story.payments()[0].state is PaymentState.CAPTURED


def _believe_failed(story: Story, attempt_id: int) -> None:
    """We come to believe that Stripe made no session, and are wrong."""
    with transaction(story.db) as session:
        wrong = text("UPDATE checkout_attempts SET state = 'failed', ended_at = created_at WHERE id = :id")
        session.execute(wrong, {"id": attempt_id})


def _put_back_although_payable(story: Story, hold_id: int, attempt_id: int) -> None:
    _believe_failed(story, attempt_id)
    story.after_deadline(hold_id)
    story.lapse(hold_id)
    assert story.hold(hold_id).state is HoldState.PUT_BACK


def test_late_but_lucky(story: Story) -> None:
    drop, run = open_drop(story.db, size=2)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    _put_back_although_payable(story, hold.id, attempt.id)
    take_some(story.db, drop, {run: 1}, BEN, story.clock.now())  # Ben has number 1 now
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    story.work()
    [order] = story.orders()
    assert (order.late, order.number, _numbers(story, order)) == (True, 1, [(2,)])
    assert story.payments()[0].state is PaymentState.CAPTURED
    assert story.intent(attempt.session_id) == "succeeded"


def test_late_and_none_left_is_not_charged(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    _put_back_although_payable(story, hold.id, attempt.id)
    take_some(story.db, drop, {run: 1}, BEN, story.clock.now())
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    story.work()
    [payment] = story.payments()
    assert (payment.state, payment.void_reason, payment.order_id) == (PaymentState.VOIDED, "late", None)
    assert story.intent(attempt.session_id) == "canceled"
    assert (story.orders(), story.stock(run).copies) == ([], "h")
    assert (story.letters("mail.not_charged"), story.letters("mail.confirmed")) == (1, 0)


def test_paid_twice_is_charged_once(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [first] = story.attempts(hold.id)
    _believe_failed(story, first.id)
    story.pay(hold.id)
    [_, second] = story.attempts(hold.id)
    assert second.session_id != first.session_id
    for attempt in (second, first):
        story.stripe.pay(attempt.session_id or "")
        story.webhook(attempt.id, f"evt_{attempt.id}")
    story.work()
    assert len(story.orders()) == 1
    kept = {payment.state: payment for payment in story.payments()}
    assert set(kept) == {PaymentState.CAPTURED, PaymentState.VOIDED}
    assert kept[PaymentState.VOIDED].void_reason == "duplicate"
    assert sorted(story.intent(attempt.session_id) for attempt in (first, second)) == ["canceled", "succeeded"]
    assert story.stock(run).copies == "saa"


def test_the_webhook_never_came(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.work()
    assert story.orders() == []
    assert story.poll() == 1
    story.work()
    assert story.payments()[0].state is PaymentState.CAPTURED
    assert story.poll() == 0


def test_a_capture_that_was_lost_is_made_good(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    facts = story.gateway.fetch_session(attempt.session_id or "")
    with transaction(story.db) as session:
        lapse.settle(session, attempt.id, facts, story.clock.now())
        session.execute(text("DELETE FROM outbox WHERE kind = 'payment.capture'"))
    assert story.payments()[0].state is PaymentState.AUTHORISED
    assert story.poll() == 1
    story.work()
    assert story.payments()[0].state is PaymentState.CAPTURED


def test_another_amount_is_not_captured(story: Story, local_stripe: LocalStripe) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    with transaction(story.db) as session:
        session.execute(text("UPDATE checkout_attempts SET amount = amount - 1 WHERE id = :id"), {"id": attempt.id})
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    story.work()
    [payment] = story.payments()
    assert (payment.state, payment.void_reason, payment.amount) == (PaymentState.VOIDED, "mismatch", 2595)
    assert story.intent(attempt.session_id) == "canceled"
    assert (story.orders(), story.hold(hold.id).state) == ([], HoldState.ACTIVE)


def test_the_money_goes_away_before_it_is_captured(story: Story) -> None:
    """The bank lets an authorisation lapse, or somebody cancels it in Stripe's dashboard: the copies go back."""
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    facts = story.gateway.fetch_session(attempt.session_id or "")
    with transaction(story.db) as session:
        lapse.settle(session, attempt.id, facts, story.clock.now())
    story.gateway.void(facts.intent_id or "", "dashboard")
    story.work()
    [order], [payment] = story.orders(), story.payments()
    assert (order.state, payment.state, order.number) == (OrderState.CANCELLED, PaymentState.CAPTURE_FAILED, 1)
    assert (story.stock(run).copies, story.letters("mail.not_charged"), story.letters("mail.confirmed")) == ("a", 1, 0)


def test_turning_back_and_changing_the_basket(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    with pytest.raises(Paying):
        take_some(story.db, drop, {run: 2}, ADA, story.clock.now())
    lapse.stop_paying(story.db, story.gateway, story.clock, attempt.id)
    assert story.attempt(attempt.id).state is AttemptState.EXPIRED
    assert [held.numbers for held in take_some(story.db, drop, {run: 2}, ADA, story.clock.now()).contents] == [(1, 2)]
    story.pay(hold.id)
    second = story.attempts(hold.id)[1]
    assert second.amount == 2 * 2400 + 195
    story.stripe.pay(second.session_id or "")
    story.webhook(second.id)
    story.work()
    assert story.orders()[0].total_amount == 4995


def test_who_comes_after_the_last_copy_is_told_so(story: Story) -> None:
    drop, run = open_drop(story.db, size=1)
    hold = take_with_details(story.db, drop, {run: 1})
    with pytest.raises(SoldOut, match="held by other fans"):
        take_some(story.db, drop, {run: 1}, BEN)
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    story.work()
    with pytest.raises(SoldOut, match="All 1 copies are sold"):
        take_some(story.db, drop, {run: 1}, BEN)
    with pytest.raises(HoldLapsed):
        story.pay(hold.id, shown=2595)

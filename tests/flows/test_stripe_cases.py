"""Each awkward case of Stripe, by its letter: over real HTTP in both directions, on both databases."""

import json
from typing import Any

import pytest
import requests
import stripe
from sqlalchemy import select, text

from app.checkout import send
from app.checkout.parts import Plan
from app.fulfilment import shipping
from app.inventory.states import HoldState
from app.kernel.db import reading, transaction
from app.kernel.errors import Disputed
from app.orders.models import Order, OrderState
from app.payments.models import RefundOrigin, StripeEvent
from app.payments.states import AttemptState, DisputeState, PaymentState, RefundState
from tests.builders import open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, SAM
from tests.flows.conftest import Door, Rig
from tests.giving import asked_and_done, at_stripe, parts
from tests.site import WEBHOOK_SECRET, make_app

SESSIONS, CAPTURE, REFUNDS = "/v1/checkout/sessions", "/v1/payment_intents/*/capture", "/v1/refunds"
DECLINED, SECURE, SLOW_REFUND, FAILING_REFUND = "4000000000000002", "4000002760003184", "4000000000007726", "4000000000005126"


def _held(rig: Rig, size: int = 3) -> tuple[int, int, int]:
    """Ada holds one copy and has said where to: hold, drop and run."""
    drop, run = open_drop(rig.db, size=size)
    return take_with_details(rig.db, drop, {run: 1}, ADA, rig.clock.now()).id, drop, run


def _bought(rig: Rig, card: str = "4242424242424242") -> Order:
    """Ada's paid order of copies 1 and 2: €49.95, all of it heard by webhook."""
    drop, run = open_drop(rig.db, size=3)
    hold = take_with_details(rig.db, drop, {run: 2}, ADA, rig.clock.now())
    rig.settled(hold.id, card)
    rig.heard()
    [order], [payment] = rig.orders(), rig.payments()
    assert payment.state is PaymentState.CAPTURED
    return order


def _captured_once(rig: Rig) -> None:
    """One order, its money taken once, its fan told once."""
    assert [order.state for order in rig.orders()] == [OrderState.PLACED]
    assert [payment.state for payment in rig.payments()] == [PaymentState.CAPTURED]
    assert [intent["status"] for intent in rig.stripe.objects("payment_intent")] == ["succeeded"]
    assert rig.letters("mail.confirmed") == 1


def _post(rig: Rig, event: dict[str, Any], secret: str = WEBHOOK_SECRET) -> requests.Response:
    """An event as somebody sends it to our door, signed with a secret."""
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(rig.clock.now().timestamp()))
    return requests.post(rig.local.options.webhook, data=body.encode(), headers={"Stripe-Signature": signature}, timeout=10)


def _put_back_although_payable(rig: Rig, hold_id: int) -> None:
    """We came to believe that Stripe made no session, so the hold's copies went back; somebody can still pay it."""
    with transaction(rig.db) as session:
        session.execute(text("UPDATE checkout_attempts SET state = 'failed', ended_at = created_at"))
    rig.after_deadline(hold_id)
    rig.lapse(hold_id)
    assert rig.hold(hold_id).state is HoldState.PUT_BACK


def test_a_duplicate_webhook(rig: Rig) -> None:
    rig.stripe.webhooks("duplicate", times=5)
    hold, _, _ = _held(rig)
    rig.settled(hold)
    rig.heard()
    _captured_once(rig)
    assert _remembered(rig) == rig.sent()
    assert len(rig.stripe.deliveries()) == 5 * rig.events()
    completed = rig.made("checkout.session.completed")[0]
    rig.stripe.resend(completed, times=20)
    assert rig.heard() == 0  # old news cause nothing at all
    _captured_once(rig)
    assert rig.delivered() == {200}


def test_b_out_of_order(rig: Rig) -> None:
    rig.stripe.webhooks("hold")
    hold, _, run = _held(rig)
    rig.settled(hold)
    assert rig.orders() == []  # nothing was heard yet
    rig.stripe.send(rig.made()[::-1])  # the money's news before the session's
    rig.work()
    _captured_once(rig)
    rig.stripe.refund(rig.intent_id(rig.orders()[0].id))
    rig.stripe.send([event for event in rig.made()[::-1] if event not in _remembered(rig)])
    rig.work()
    [order], [refund] = rig.orders(), rig.refunds()
    assert (order.state, refund.state, rig.stock(run).copies) == (OrderState.CANCELLED, RefundState.SUCCEEDED, "saa")
    session_id = rig.attempts(hold)[0].session_id
    expired = _session_event(rig, session_id or "", "checkout.session.expired", status="expired")
    assert _post(rig, expired).status_code == 200
    rig.work()
    assert (rig.attempts(hold)[0].state, rig.hold(hold).state) == (AttemptState.COMPLETE, HoldState.SPENT)


def _remembered(rig: Rig) -> set[str]:
    with reading(rig.db) as session:
        return set(session.scalars(select(StripeEvent.id)))


def _session_event(rig: Rig, session_id: str, kind: str, **changes: Any) -> dict[str, Any]:
    """An event of our own making about a session, which says something that is not so."""
    about = next(each for each in rig.stripe.objects("checkout.session") if each["id"] == session_id)
    event = next(each for each in rig.stripe.objects("event") if each["type"].startswith("checkout.session."))
    return {**event, "id": f"evt_{kind}", "type": kind, "data": {"object": {**about, **changes}}}


def test_c_webhook_before_our_create_call_returned(rig: Rig) -> None:
    rig.stripe.webhooks("early")
    rig.stripe.fault("pay-after", SESSIONS, "POST")
    hold, _, _ = _held(rig)
    rig.pay(hold)
    [attempt] = rig.attempts(hold)
    with reading(rig.db) as session:
        assert set(session.scalars(select(StripeEvent.attempt_id))) == {attempt.id}  # known by its metadata alone
    rig.heard()
    _captured_once(rig)
    assert [each["id"] for each in rig.stripe.objects("checkout.session")] == [rig.attempts(hold)[0].session_id]


def test_d_webhook_never_arrives(rig: Rig) -> None:
    rig.stripe.webhooks("drop")
    hold, _, _ = _held(rig)
    rig.settled(hold)
    assert (rig.orders(), rig.events()) == ([], 0)
    rig.poll()
    rig.work()
    _captured_once(rig)
    order = rig.orders()[0]
    rig.stripe.refund(rig.intent_id(order.id), 500)
    rig.clock.forward(seconds=60)
    rig.look_around()
    rig.work()
    assert [(each.amount, each.cause) for each in rig.refunds()] == [(500, "poll")]
    assert rig.events() == 0


@pytest.mark.parametrize("call", ["create", "capture", "void", "refund"])
def test_e_crash_between_the_call_and_the_commit(rig: Rig, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """The process dies when Stripe has done it and we have not written it down; another one takes the job up."""
    rig.stripe.webhooks("drop")
    hold, _, _ = _held(rig)
    if call == "create":
        with monkeypatch.context() as power, pytest.raises(KeyboardInterrupt):
            power.setattr(send, "_note_session", _power_cut)
            rig.pay(hold)
        assert rig.attempts(hold)[0].session_id is None
        rig.clock.forward(seconds=3)
        rig.work()
        assert [each["id"] for each in rig.stripe.objects("checkout.session")] == [rig.attempts(hold)[0].session_id]
    rig.settled(hold)
    if call == "void":
        with transaction(rig.db) as session:
            session.execute(text("UPDATE checkout_attempts SET amount = amount - 1"))
    rig.sync(rig.attempts(hold)[0].id)
    intent = rig.payments()[0].intent_id
    if call == "capture":
        rig.gateway.capture(intent, "of a process that is dead", {"order": "00001"})
    elif call == "void":
        rig.gateway.void(intent, "of a process that is dead")
    rig.work()
    if call == "void":
        assert [payment.state for payment in rig.payments()] == [PaymentState.VOIDED]
        with transaction(rig.db) as session:
            session.execute(text("UPDATE checkout_attempts SET amount = amount + 1"))
        return
    _captured_once(rig)
    if call == "refund":
        rig.stripe.fault("lost", REFUNDS, "POST", times=2)
        asked_and_done(rig, rig.orders()[0].id, Plan(amount=500), 500)
        rig.clock.forward(minutes=1)
        rig.work()
        assert [refund.state for refund in rig.refunds()] == [RefundState.SUCCEEDED]
        assert at_stripe(rig) == [(500, "succeeded")]


def _power_cut(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fault", ["lost", "reset", "500", "500-after", "502", "garbage"])
def test_f_no_clear_answer_to_create(rig: Rig, fault: str) -> None:
    rig.stripe.fault(fault, SESSIONS, "POST", times=2)  # the SDK tries twice by itself
    hold, _, run = _held(rig)
    going = rig.pay(hold)
    assert going.url is None
    [attempt] = rig.attempts(hold)
    assert (attempt.state, rig.stock(run).copies) == (AttemptState.UNKNOWN, "haa")
    for _ in range(4):
        rig.clock.forward(seconds=20)
        rig.work()
    open_ones = [attempt for attempt in rig.attempts(hold) if attempt.state is AttemptState.OPEN]
    assert [each["status"] for each in rig.stripe.objects("checkout.session")] == ["open"] * len(open_ones)
    if fault == "500" and not open_ones:  # Stripe keeps that answer under the key for a day: nothing was made
        assert rig.stock(run).copies == "haa"
        return
    assert len(open_ones) == 1
    rig.settled(hold)
    rig.heard()
    _captured_once(rig)


def test_g_pays_after_the_hold_with_stock_left(rig: Rig) -> None:
    hold, drop, run = _held(rig)
    rig.pay(hold)
    _put_back_although_payable(rig, hold)
    take_some(rig.db, drop, {run: 1}, BEN, rig.clock.now())  # Ben has number 1 now
    rig.stripe.pay(rig.attempts(hold)[0].session_id or "")
    rig.heard()
    rig.heard()
    _captured_once(rig)
    assert (rig.orders()[0].late, rig.stock(run).copies) == (True, "hsa")


def test_h_pays_after_the_hold_with_none_left(rig: Rig) -> None:
    hold, drop, run = _held(rig, size=1)
    rig.pay(hold)
    _put_back_although_payable(rig, hold)
    take_some(rig.db, drop, {run: 1}, BEN, rig.clock.now())
    rig.stripe.pay(rig.attempts(hold)[0].session_id or "")
    rig.heard()
    rig.heard()
    [payment] = rig.payments()
    assert (payment.state, payment.void_reason, rig.orders()) == (PaymentState.VOIDED, "late", [])
    assert [intent["status"] for intent in rig.stripe.objects("payment_intent")] == ["canceled"]
    assert (rig.stripe.objects("refund"), rig.letters("mail.not_charged")) == ([], 1)


def test_i_paid_twice(rig: Rig) -> None:
    hold, _, _ = _held(rig)
    rig.pay(hold)
    with transaction(rig.db) as session:
        session.execute(text("UPDATE checkout_attempts SET state = 'failed', ended_at = created_at"))
    rig.pay(hold)
    for attempt in rig.attempts(hold):
        rig.stripe.pay(attempt.session_id or "")
    rig.heard()
    rig.heard()
    assert sorted((each.state.value, each.void_reason) for each in rig.payments()) == [("captured", None), ("voided", "duplicate")]
    assert sorted(intent["status"] for intent in rig.stripe.objects("payment_intent")) == ["canceled", "succeeded"]
    assert (len(rig.orders()), rig.letters("mail.confirmed"), rig.letters("mail.not_charged")) == (1, 1, 1)


def test_l_staff_refund_in_the_dashboard(rig: Rig) -> None:
    order = _bought(rig)
    made = rig.stripe.refund(rig.intent_id(order.id))
    rig.heard()
    [refund] = rig.refunds()
    assert (refund.origin, refund.stripe_id, refund.cause[:4]) == (RefundOrigin.DASHBOARD, made["id"], "evt_")
    assert (rig.order(order.id).state, rig.stock(1).copies) == (OrderState.CANCELLED, "ssa")
    assert [part[2] for part in parts(refund)] == ["undecided", "undecided", None]


def test_m_partial_refund(rig: Rig) -> None:
    order = _bought(rig)
    asked_and_done(rig, order.id, Plan(amount=500), 500)
    rig.stripe.refund(rig.intent_id(order.id), 700)
    rig.heard()
    assert [(each.amount, each.origin) for each in rig.refunds()] == [(500, RefundOrigin.DESK), (700, RefundOrigin.DASHBOARD)]
    with transaction(rig.db) as session:
        shipping.ship(session, order.id, "DHL", "", rig.clock.now(), SAM)
    assert rig.letters("mail.shipped") == 1


@pytest.mark.parametrize(
    ("card", "first", "then"), [(SLOW_REFUND, "pending", "succeeded"), (FAILING_REFUND, "succeeded", "failed")]
)
def test_n_a_refund_that_is_pending_or_fails(rig: Rig, card: str, first: str, then: str) -> None:
    order = _bought(rig, card)
    made = asked_and_done(rig, order.id, Plan(amount=500), 500)
    assert made.state.value == first
    rig.clock.forward(seconds=31)
    rig.stripe.advance(0)  # the sandbox looks at the clock
    rig.heard()
    assert rig.refund(made.id).state.value == then
    assert rig.order(order.id).state is OrderState.PLACED
    assert rig.letters("mail.refunded") == 1


@pytest.mark.parametrize("ends", ["win", "lose"])
def test_o_dispute(rig: Rig, ends: str) -> None:
    order = _bought(rig)
    made = rig.stripe.dispute(rig.intent_id(order.id))
    rig.heard()
    [dispute] = rig.disputes()
    assert (dispute.state, dispute.evidence_due_by is not None) == (DisputeState.NEEDS_RESPONSE, True)
    with transaction(rig.db) as session, pytest.raises(Disputed):
        shipping.ship(session, order.id, "DHL", "", rig.clock.now(), SAM)
    with pytest.raises(Disputed):
        asked_and_done(rig, order.id, Plan(amount=500), 500)
    rig.stripe.end_dispute(made["id"], ends)
    rig.heard()
    rig.clock.forward(seconds=1)
    assert rig.disputes()[0].state.value == {"win": "won", "lose": "lost"}[ends]
    if ends == "win":
        with transaction(rig.db) as session:
            shipping.ship(session, order.id, "DHL", "", rig.clock.now(), SAM)
    else:
        with transaction(rig.db) as session, pytest.raises(Disputed, match="Cancel the order"):
            shipping.ship(session, order.id, "DHL", "", rig.clock.now(), SAM)
        assert rig.stock(1).copies == "ssa"  # never put back by itself


@pytest.mark.parametrize("who", ["staff in the dashboard", "the bank, after seven days"])
def test_p_the_authorisation_goes_before_we_capture(rig: Rig, who: str) -> None:
    hold, _, run = _held(rig)
    rig.stripe.webhooks("drop")
    session_id = rig.settled(hold)
    rig.sync(rig.attempts(hold)[0].id)
    rig.stripe.webhooks("deliver")
    if who.startswith("staff"):
        rig.stripe.cancel(rig.payments()[0].intent_id)
    else:
        rig.clock.forward(days=7)
        rig.stripe.advance(0)
    rig.heard()
    assert rig.intent(session_id) == "canceled"
    [order], [payment] = rig.orders(), rig.payments()
    assert (order.state, payment.state, rig.stock(run).copies) == (OrderState.CANCELLED, PaymentState.CAPTURE_FAILED, "aaa")
    assert (rig.letters("mail.not_charged"), rig.letters("mail.confirmed"), rig.letters("mail.cancelled")) == (1, 0, 0)
    rig.post()


@pytest.mark.parametrize("changes", [{"amount_total": 2594}, {"currency": "usd"}])
def test_q_amount_or_currency_differ(rig: Rig, changes: dict[str, Any]) -> None:
    hold, _, run = _held(rig)
    rig.pay(hold)
    rig.stripe.fault("alter", f"{SESSIONS}/*", "GET", times=None, changes=changes)
    rig.stripe.pay(rig.attempts(hold)[0].session_id or "")
    rig.heard()
    rig.heard()
    [payment] = rig.payments()
    assert (payment.state, payment.void_reason) == (PaymentState.VOIDED, "mismatch")
    assert [intent["status"] for intent in rig.stripe.objects("payment_intent")] == ["canceled"]
    assert (rig.orders(), rig.stock(run).copies, rig.letters("mail.not_charged")) == ([], "haa", 1)


@pytest.mark.parametrize("foreign", [{"livemode": True}, {"shop": "another-shop"}])
def test_r_a_foreign_object(rig: Rig, foreign: dict[str, Any]) -> None:
    hold, _, _ = _held(rig)
    rig.stripe.webhooks("hold")
    session_id = rig.settled(hold)
    event = _session_event(rig, session_id, "checkout.session.completed")
    if "shop" in foreign:
        about = event["data"]["object"]
        about |= {"id": "cs_test_of_another", "metadata": {**about["metadata"], **foreign}}
    else:
        event |= foreign
    answer = _post(rig, event)
    assert (answer.status_code, answer.json()) == (200, {"heard": False})
    assert (rig.work(), rig.orders(), rig.events()) == (0, [], 1)
    with reading(rig.db) as session:
        assert session.scalars(select(StripeEvent.attempt_id)).all() == [None]


def test_s_secret_rotated(rig: Rig, door: Door) -> None:
    hold, _, _ = _held(rig)
    rig.stripe.webhooks("hold")
    session_id = rig.settled(hold)
    door.app = make_app(rig.db, rig.clock, rig.gateway, stripe_webhook_secret=f"whsec_of_tomorrow,{WEBHOOK_SECRET}")
    event = _session_event(rig, session_id, "checkout.session.completed")
    assert _post(rig, event, "whsec_of_yesterday").status_code == 400
    assert rig.events() == 0
    assert _post(rig, event, "whsec_of_tomorrow").json() == {"heard": True}
    assert _post(rig, {**event, "id": "evt_second"}).json() == {"heard": False}  # good, and coalesced with the first
    rig.work()
    _captured_once(rig)


@pytest.mark.parametrize("way", ["declined", "not authenticated"])
def test_t_declined_or_not_authenticated(rig: Rig, way: str) -> None:
    hold, _, run = _held(rig)
    rig.pay(hold)
    session_id = rig.attempts(hold)[0].session_id or ""
    if way == "declined":
        assert rig.stripe.pay(session_id, DECLINED)["outcome"] == "declined"
    else:
        assert rig.stripe.pay(session_id, SECURE, authenticate="fail")["error"]["code"] == "payment_intent_authentication_failure"
    rig.heard()
    assert (rig.orders(), rig.payments(), rig.stock(run).copies) == ([], [], "haa")
    assert (rig.attempts(hold)[0].state, rig.hold(hold).state) == (AttemptState.OPEN, HoldState.ACTIVE)
    assert rig.stripe.pay(session_id)["outcome"] == "complete"
    rig.heard()
    rig.heard()
    _captured_once(rig)

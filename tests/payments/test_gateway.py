"""The gateway against the local Stripe: our facts, our troubles, and the same answer to the same key."""

from datetime import timedelta
from typing import Any

import pytest
import requests
import stripe

from app.checkout.requests import expires_at
from app.payments.facts import SessionFacts, SessionStatus
from app.payments.gateway import (
    Gateway,
    StripeBusy,
    StripeDenied,
    StripeRefused,
    StripeTrouble,
    StripeUnclear,
    _troubles,
    open_gateway,
)
from app.payments.states import RefundState
from sandbox import Control
from tests.cast import ADA, NOW, SHOP


def _request(key: str = "key-1", **changed: Any) -> dict[str, Any]:
    metadata = {"shop": SHOP, "hold": "1", "attempt": "7", "key": key}
    price = {"currency": "eur", "unit_amount": 2400, "product_data": {"name": "Night Bus"}}
    return {
        "mode": "payment",
        "customer_email": ADA.email,
        "line_items": [{"quantity": 2, "price_data": price}],
        "payment_intent_data": {"capture_method": "manual", "metadata": metadata},
        "shipping_address_collection": {"allowed_countries": ["DE"]},
        "metadata": metadata,
        "success_url": "https://shop.example/paid",
        "cancel_url": "https://shop.example/back",
        "expires_at": expires_at(NOW, NOW),
        **changed,
    }


@pytest.fixture
def made(gateway: Gateway) -> SessionFacts:
    return gateway.create_session(_request(), "key-1")


def test_a_new_session_in_our_words(made: SessionFacts) -> None:
    assert (made.status, made.amount, made.currency, made.attempt_key) == (SessionStatus.OPEN, 4800, "EUR", "key-1")
    assert (made.email, made.intent_id, made.intent_status, made.livemode) == (ADA.email, None, "", False)
    assert made.expires_at == NOW + timedelta(minutes=35)
    assert made.url
    assert made.session_id in made.url
    assert not made.authorised


def test_the_same_key_makes_no_second_session(gateway: Gateway, made: SessionFacts) -> None:
    assert gateway.create_session(_request(), "key-1") == made
    with pytest.raises(StripeRefused):
        gateway.create_session(_request(cancel_url="https://shop.example/other"), "key-1")
    assert gateway.create_session(_request(), "key-2").session_id != made.session_id


def test_an_authorised_session(gateway: Gateway, made: SessionFacts, stripe_control: Control) -> None:
    stripe_control.pay(made.session_id, email=ADA.email, name=ADA.name)
    paid = gateway.fetch_session(made.session_id)
    assert (paid.status, paid.intent_status, paid.authorised) == (SessionStatus.COMPLETE, "requires_capture", True)
    assert (paid.address.name, paid.address.line1, paid.address.city, paid.address.country) == (
        ADA.name,
        "Prüfweg 1",
        "Berlin",
        "DE",
    )
    assert (paid.intent_id or "").startswith("pi_")
    assert (paid.charge_id or "").startswith("ch_")


def test_expiring_an_open_session(gateway: Gateway, made: SessionFacts) -> None:
    assert gateway.expire_session(made.session_id).status is SessionStatus.EXPIRED
    assert gateway.expire_session(made.session_id).status is SessionStatus.EXPIRED


def test_expiring_a_paid_session_says_that_it_is_paid(gateway: Gateway, made: SessionFacts, stripe_control: Control) -> None:
    stripe_control.pay(made.session_id)
    assert gateway.expire_session(made.session_id).authorised


def test_capturing_once_and_again(gateway: Gateway, made: SessionFacts, stripe_control: Control) -> None:
    stripe_control.pay(made.session_id)
    intent = gateway.fetch_session(made.session_id).intent_id or ""
    captured = gateway.capture(intent, "capture-1", {"order": "00001"})
    assert (captured.status, captured.amount_received) == ("succeeded", 4800)
    assert gateway.capture(intent, "capture-2", {"order": "00001"}).status == "succeeded"
    assert gateway.void(intent, "void-1").status == "succeeded"  # too late, and it says so


def test_letting_money_go(gateway: Gateway, made: SessionFacts, stripe_control: Control) -> None:
    stripe_control.pay(made.session_id)
    intent = gateway.fetch_session(made.session_id).intent_id or ""
    assert gateway.void(intent, "void-1").status == "canceled"
    assert gateway.capture(intent, "capture-1", {}).status == "canceled"
    assert gateway.fetch_intent(intent).amount_received == 0


def test_finding_a_session_by_what_we_wrote_on_it(gateway: Gateway, made: SessionFacts) -> None:
    before = NOW - timedelta(minutes=5)
    assert gateway.find_session("key-1", SHOP, before) == made
    assert gateway.find_session("key-8", SHOP, before) is None
    assert gateway.find_session("key-1", "another-shop", before) is None
    assert gateway.find_session("key-1", SHOP, NOW + timedelta(minutes=1)) is None


def test_what_stripe_refuses(gateway: Gateway) -> None:
    with pytest.raises(StripeRefused) as refusal:
        gateway.create_session(_request(expires_at=int(NOW.timestamp()) + 60), "key-1")
    assert isinstance(refusal.value, StripeTrouble)
    with pytest.raises(StripeRefused):
        gateway.fetch_session("cs_test_nobody")


def test_no_answer_is_unclear() -> None:
    lonely = open_gateway("sk_test_x", "http://127.0.0.1:9")
    with pytest.raises(StripeUnclear):
        lonely.fetch_intent("pi_1")
    lonely.client._requestor._client.close()  # the SDK has no public way to close its connections


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (stripe.RateLimitError("slow down", http_status=429), StripeBusy),
        (stripe.APIConnectionError("cut off"), StripeUnclear),
        (stripe.APIError("fault", http_status=500), StripeUnclear),
        (stripe.APIError("fault", http_status=503), StripeUnclear),
        (stripe.APIError("key in use", http_status=409), StripeBusy),
        (stripe.InvalidRequestError("no", "param", http_status=400), StripeRefused),
        (stripe.InvalidRequestError("lock", "param", http_status=409), StripeBusy),
        (stripe.AuthenticationError("key", http_status=401), StripeDenied),
        (stripe.PermissionError("key", http_status=403), StripeDenied),
        (stripe.CardError("declined", "", "card_declined", http_status=402), StripeRefused),
        (stripe.IdempotencyError("in use", http_status=409), StripeBusy),
        (stripe.IdempotencyError("other request", http_status=400), StripeRefused),
    ],
)
def test_every_error_is_one_of_three_troubles(error: stripe.StripeError, trouble: type[StripeTrouble]) -> None:
    with pytest.raises(trouble) as raised, _troubles():
        raise error
    assert type(raised.value) is trouble


@pytest.mark.parametrize(("status", "answered"), [(500, True), (502, False), (503, False), (200, False), (None, False)])
def test_which_faults_stripe_keeps_under_the_key(status: int | None, answered: bool) -> None:
    with pytest.raises(StripeUnclear) as raised, _troubles():
        raise stripe.APIError("fault", http_status=status)
    assert raised.value.answered is answered


def test_who_is_denied_was_refused() -> None:
    assert issubclass(StripeDenied, StripeRefused)


def test_a_refund_in_our_words(gateway: Gateway, made: SessionFacts, stripe_control: Control) -> None:
    stripe_control.pay(made.session_id)
    intent = gateway.fetch_session(made.session_id).intent_id or ""
    metadata = {"shop": SHOP, "key": "refund-1"}
    with pytest.raises(StripeRefused):
        gateway.refund(intent, 1000, "refund-1:0", metadata)  # nothing was captured yet
    gateway.capture(intent, "capture-1", {"order": "00001"})
    first = gateway.refund(intent, 1000, "refund-1:1", metadata)
    assert (first.state, first.amount, first.currency, first.key, first.intent_id) == (
        RefundState.SUCCEEDED,
        1000,
        "EUR",
        "refund-1",
        intent,
    )
    assert gateway.refund(intent, 1000, "refund-1:1", metadata) == first
    second = gateway.refund(intent, 500, "refund-2:0", {"shop": "another-shop", "key": "refund-2"})
    assert [each.refund_id for each in gateway.refunds(SHOP, intent_id=intent)] == [first.refund_id, second.refund_id]
    assert [each.key for each in gateway.refunds(SHOP, since=NOW - timedelta(minutes=5))] == ["refund-1", ""]
    assert gateway.refunds(SHOP, since=NOW + timedelta(minutes=1)) == []
    with pytest.raises(StripeRefused) as refusal:
        gateway.refund(intent, 3301, "refund-3:0", metadata)
    assert refusal.value.code == "amount_too_large"


def test_few_threads_may_wait_for_stripe(gateway: Gateway) -> None:
    with gateway.place() as a, gateway.place() as b, gateway.place() as c, gateway.place() as d:
        assert [a, b, c, d] == [True] * 4
        with gateway.place() as fifth:
            assert fifth is False
    with gateway.place() as again:
        assert again is True


def test_the_sandbox_can_be_reached(gateway: Gateway, stripe_control: Control) -> None:
    assert requests.get(stripe_control.url, timeout=5).ok

"""One contract, two sides: the local Stripe always, and the real one when STRIPE_TEST_KEY has a key of a test account.

    STRIPE_TEST_KEY=sk_test_… .venv/bin/python -m pytest tests/sandbox/test_contract.py

Where the two differ the local one is wrong. Nobody types at the real payment page here, so the real side gets its authorised
money from an intent confirmed with one of Stripe's test payment methods, and an intent of an open session from the last API
version that made it together with the session.
"""

import os
import time

import pytest
import stripe

from sandbox.client import wait_for
from tests.sandbox.builders import line, rate, session_params
from tests.sandbox.conftest import make_client
from tests.sandbox.shapes import problems

KEY = "STRIPE_TEST_KEY"
EAGER = "2020-08-27"  # later versions make the intent when the fan pays
SIDES = ["local", "stripe"] if os.environ.get(KEY) else ["local"]
CARDS = {"good": "4242424242424242", "refund fails": "4000000000005126", "refund waits": "4000000000007726"}
METHODS = {"good": "pm_card_visa", "refund fails": "pm_card_refundFail", "refund waits": "pm_card_pendingRefund"}


class Local:
    """The local Stripe."""

    def __init__(self, local):
        self.client, self.control = make_client(local.url), local.control

    def authorise(self, card="good"):
        """An intent in requires_capture: its id."""
        session = self.client.v1.checkout.sessions.create(params())
        return self.control.pay(session.id, CARDS[card])["payment_intent"]["id"]

    def intent_of_an_open_session(self):
        """Its id, and the session's."""
        session = self.client.v1.checkout.sessions.create(params())
        return self.control.pay(session.id, "4000000000000002")["payment_intent"]["id"], session.id

    def later(self, true):
        """Wait for what happens by itself."""
        self.control.advance(60)
        assert true()


class Real:
    """A test account at Stripe."""

    def __init__(self, key):
        if not key.startswith(("sk_test_", "rk_test_")):
            pytest.fail(f"{KEY} must hold a test key, never a live one")
        self.client = stripe.StripeClient(key, http_client=stripe.RequestsClient(timeout=(5, 30)), max_network_retries=2)

    def authorise(self, card="good"):
        """An intent in requires_capture: its id."""
        wanted = {"amount": 2750, "currency": "eur", "capture_method": "manual", "confirm": True}
        wanted |= {"payment_method": METHODS[card], "allowed_payment_method_types": ["card"]}
        return self.client.v1.payment_intents.create(wanted).id

    def intent_of_an_open_session(self):
        """Its id, and the session's."""
        wanted = params() | {"payment_method_types": ["card"]}
        for name in ("adaptive_pricing", "custom_text"):
            wanted.pop(name)
        session = self.client.v1.checkout.sessions.create(wanted, {"stripe_version": EAGER})
        return str(session.payment_intent), session.id

    def later(self, true):
        """Wait for what happens by itself."""
        wait_for(true, 90)


@pytest.fixture(params=SIDES)
def side(request):
    """Both sides, one after the other."""
    return Local(request.getfixturevalue("local")) if request.param == "local" else Real(os.environ[KEY])


@pytest.fixture
def v1(side):
    """The API."""
    return side.client.v1


def params(**changes):
    """A session that both sides take: the addresses need not exist."""
    return session_params(success_url="https://shop.example/paid", cancel_url="https://shop.example/", **changes)


def fresh():
    """An idempotency key that nobody had."""
    return f"contract:{time.time_ns()}"


def refusal(call, *args, kind=stripe.InvalidRequestError, status=400):
    """The SDK's exception."""
    with pytest.raises(stripe.StripeError) as caught:
        call(*args)
    assert type(caught.value) is kind
    assert caught.value.http_status == status
    return caught.value


@pytest.mark.skipif(KEY not in os.environ, reason=f"the contract is held against Stripe itself when {KEY} has a test key")
def test_stripe_itself_takes_part():
    assert "stripe" in SIDES
    assert Real(os.environ[KEY]).client.v1.balance.retrieve().livemode is False


# Sessions.


def test_a_new_session(v1):
    session = v1.checkout.sessions.create(params())
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (2400, 2750, "eur")
    assert session.metadata.to_dict() == {"shop": "here", "hold": "7"}
    assert (session.ui_mode, session.livemode) == ("hosted_page", False)
    assert session.id in session.url
    assert problems(session) == []


def test_a_session_is_found_again(v1):
    made = v1.checkout.sessions.create(params())
    assert v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]}).id == made.id
    assert made.id in [s.id for s in v1.checkout.sessions.list({"limit": 10, "status": "open"}).data]
    (only,) = v1.checkout.sessions.line_items.list(made.id).data
    assert (only.quantity, only.amount_total, only.description) == (2, 2400, "TAPE-014 № 017")


def test_expire(v1):
    session = v1.checkout.sessions.create(params())
    expired = v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert problems(expired) == []


def test_expire_twice(v1):
    session = v1.checkout.sessions.create(params())
    v1.checkout.sessions.expire(session.id)
    error = refusal(v1.checkout.sessions.expire, session.id)
    assert "status of `expired`" in error.user_message
    assert v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_what_ends_is_an_event(v1):
    session = v1.checkout.sessions.create(params())
    v1.checkout.sessions.expire(session.id)

    def heard():
        events = v1.events.list({"type": "checkout.session.expired", "limit": 10}).data
        return session.id in [event.data.object["id"] for event in events]

    wait_for(heard, 30)


def test_the_intent_of_an_open_session_cannot_be_cancelled(side, v1):
    intent, session = side.intent_of_an_open_session()
    refusal(v1.payment_intents.cancel, intent)
    assert v1.checkout.sessions.retrieve(session).status == "open"
    assert v1.payment_intents.retrieve(intent).status == "requires_payment_method"


BAD = {
    "unknown parameter": ({"nonsense": "1"}, "parameter_unknown", "nonsense"),
    "removed parameter": ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", None),
    "old ui mode": ({"ui_mode": "hosted"}, None, "ui_mode"),
    "too soon over": ({"expires_at": int(time.time()) + 60}, None, "expires_at"),
    "too late over": ({"expires_at": int(time.time()) + 30 * 3600}, None, "expires_at"),
    "no number": ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
    "too little": ({"line_items": [line(amount=1, quantity=1)], "shipping_options": None}, "amount_too_small", None),
    "two currencies": ({"line_items": [line(), line(currency="usd")]}, None, None),
    "six ways to ship": ({"shipping_options": [rate(100, str(n)) for n in range(6)]}, None, "shipping_options"),
    "no country": ({"shipping_address_collection": {"allowed_countries": ["XX"]}}, None, None),
    "much metadata": ({"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    "no address": ({"success_url": "nowhere"}, "url_invalid", "success_url"),
    "no e-mail": ({"customer_email": "ada"}, "email_invalid", "customer_email"),
    "unknown price": ({"line_items": [{"price": "price_none", "quantity": 1}]}, "resource_missing", "line_items[0][price]"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_parameters(v1, name):
    changes, code, param = BAD[name]
    call, wanted = v1.checkout.sessions.create, params() | changes
    wanted = {name: value for name, value in wanted.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call(wanted)
    assert caught.value.http_status in ((400, 404) if code == "resource_missing" else (400,))
    assert code in (None, caught.value.code)
    assert param in (None, caught.value.param)


@pytest.mark.parametrize(
    "find",
    [
        lambda v1: v1.checkout.sessions.retrieve("cs_test_none"),
        lambda v1: v1.payment_intents.retrieve("pi_none"),
        lambda v1: v1.charges.retrieve("ch_none"),
        lambda v1: v1.refunds.retrieve("re_none"),
        lambda v1: v1.disputes.retrieve("du_none"),
        lambda v1: v1.events.retrieve("evt_none"),
    ],
)
def test_what_is_nowhere(v1, find):
    assert refusal(find, v1, status=404).code == "resource_missing"


# Idempotency.


def test_a_key_is_replayed(v1):
    wanted, key = params(), fresh()
    first = v1.checkout.sessions.create(wanted, {"idempotency_key": key})
    second = v1.checkout.sessions.create(wanted, {"idempotency_key": key})
    assert (second.id, second.status) == (first.id, "open")
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_a_key_is_replayed_as_it_was(v1):
    wanted, key = params(), fresh()
    first = v1.checkout.sessions.create(wanted, {"idempotency_key": key})
    v1.checkout.sessions.expire(first.id)
    assert v1.checkout.sessions.create(wanted, {"idempotency_key": key}).status == "open"


def test_a_key_with_other_parameters(v1):
    key = fresh()
    v1.checkout.sessions.create(params(), {"idempotency_key": key})
    other = params(locale="de")
    refusal(v1.checkout.sessions.create, other, {"idempotency_key": key}, kind=stripe.IdempotencyError)


def test_bad_parameters_leave_a_key_unused(v1):
    key = fresh()
    refusal(v1.checkout.sessions.create, params(locale="tlh"), {"idempotency_key": key})
    assert v1.checkout.sessions.create(params(), {"idempotency_key": key}).status == "open"


# Money.


def test_capture(side, v1):
    intent = v1.payment_intents.retrieve(side.authorise(), {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2750, 0)
    assert (intent.latest_charge.captured, intent.latest_charge.status) == (False, "succeeded")
    assert intent.latest_charge.payment_method_details.card.capture_before > time.time()
    taken = v1.payment_intents.capture(intent.id, {"metadata": {"order": "17"}})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 2750, 0)
    charge = v1.charges.retrieve(taken.latest_charge, {"expand": ["balance_transaction"]})
    assert (charge.captured, charge.amount_captured, charge.balance_transaction.amount) == (True, 2750, 2750)
    assert problems(taken) == []


def test_capture_twice(side, v1):
    intent = side.authorise()
    v1.payment_intents.capture(intent)
    error = refusal(v1.payment_intents.capture, intent)
    assert (error.code, error.error.payment_intent.status) == ("payment_intent_unexpected_state", "succeeded")


def test_capture_too_much(side, v1):
    intent = side.authorise()
    assert refusal(v1.payment_intents.capture, intent, {"amount_to_capture": 2751}).code == "amount_too_large"
    assert v1.payment_intents.retrieve(intent).status == "requires_capture"


def test_cancel(side, v1):
    intent = side.authorise()
    gone = v1.payment_intents.cancel(intent, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.amount_capturable, gone.cancellation_reason) == ("canceled", 0, "abandoned")
    assert refusal(v1.payment_intents.cancel, intent).code == "payment_intent_unexpected_state"
    assert refusal(v1.payment_intents.capture, intent).code == "payment_intent_unexpected_state"


def test_cancel_after_capture(side, v1):
    intent = side.authorise()
    v1.payment_intents.capture(intent)
    assert refusal(v1.payment_intents.cancel, intent).code == "payment_intent_unexpected_state"


def test_a_refund_of_what_is_not_captured(side, v1):
    intent = side.authorise()
    refusal(v1.refunds.create, {"payment_intent": intent})
    assert v1.payment_intents.retrieve(intent).status == "requires_capture"
    assert v1.refunds.list({"payment_intent": intent}).data == []


def test_refunds(side, v1):
    intent = side.authorise()
    taken = v1.payment_intents.capture(intent)
    part = v1.refunds.create({"payment_intent": intent, "amount": 750, "reason": "requested_by_customer"})
    assert (part.status, part.amount, part.reason, part.charge) == (
        "succeeded", 750, "requested_by_customer", taken.latest_charge,
    )  # fmt: skip
    assert problems(part) == []
    assert refusal(v1.refunds.create, {"payment_intent": intent, "amount": 2001}).http_status == 400
    rest = v1.refunds.create({"payment_intent": intent})
    assert refusal(v1.refunds.create, {"payment_intent": intent}).code == "charge_already_refunded"
    charge = v1.charges.retrieve(taken.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (2750, True)
    assert {r.id for r in v1.refunds.list({"payment_intent": intent}).data} == {part.id, rest.id}


def test_a_refund_that_takes_a_while(side, v1):
    intent = side.authorise("refund waits")
    v1.payment_intents.capture(intent)
    refund = v1.refunds.create({"payment_intent": intent})
    assert refund.status == "pending"
    side.later(lambda: v1.refunds.retrieve(refund.id).status == "succeeded")


def test_a_refund_that_fails(side, v1):
    intent = side.authorise("refund fails")
    taken = v1.payment_intents.capture(intent)
    refund = v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    side.later(lambda: v1.refunds.retrieve(refund.id).status == "failed")
    failed = v1.refunds.retrieve(refund.id)
    assert failed.failure_reason
    assert problems(failed) == []
    assert v1.charges.retrieve(taken.latest_charge).amount_refunded == 0


# Lists and keys.


def test_lists_are_paged(v1):
    for _ in range(3):
        v1.checkout.sessions.create(params())
    first = v1.checkout.sessions.list({"limit": 2})
    assert (len(first.data), first.has_more) == (2, True)
    second = v1.checkout.sessions.list({"limit": 2, "starting_after": first.data[-1].id})
    assert not {s.id for s in first.data} & {s.id for s in second.data}
    back = v1.checkout.sessions.list({"limit": 2, "ending_before": second.data[0].id})
    assert [s.id for s in back.data] == [s.id for s in first.data]


def test_bad_limits(v1):
    refusal(v1.events.list, {"limit": 101})


def test_the_account(v1):
    account = v1.accounts.retrieve_current()
    assert account.object == "account"
    assert account.id.startswith("acct_")

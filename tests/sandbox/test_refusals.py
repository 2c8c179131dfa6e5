"""What Stripe refuses, the sandbox refuses, and the SDK turns it into the same exceptions."""

import time

import pytest
import requests
import stripe

from tests.sandbox.builders import line, rate, session_params, taxed
from tests.sandbox.conftest import make_client


def refusal(call, *args, kind=stripe.InvalidRequestError, status=400):
    """The SDK's exception of a call that must fail; nothing else may come of it."""
    with pytest.raises(kind) as caught:
        call(*args)
    assert type(caught.value) is kind
    assert caught.value.http_status == status
    return caught.value


BAD_SESSIONS = {
    "unknown parameter": ({"nonsense": "1"}, "parameter_unknown", "nonsense"),
    "unknown inner parameter": ({"line_items": [line() | {"colour": "x"}]}, "parameter_unknown", "line_items[0][colour]"),
    "removed parameter": ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", "payment_method_types"),
    "old ui mode": ({"ui_mode": "hosted"}, None, "ui_mode"),
    "other ui mode": ({"ui_mode": "elements"}, "sandbox_unsupported", "ui_mode"),
    "subscription": ({"mode": "subscription"}, "sandbox_unsupported", "mode"),
    "unknown capture method": ({"payment_intent_data": {"capture_method": "later"}}, None, "payment_intent_data[capture_method]"),
    "expires too soon": ({"expires_at": int(time.time()) + 29 * 60}, None, "expires_at"),
    "expires too late": ({"expires_at": int(time.time()) + 25 * 3600}, None, "expires_at"),
    "expiry is no number": ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
    "no lines": ({"line_items": None}, "parameter_missing", "line_items"),
    "no amount": (
        {"line_items": [{"quantity": 1, "price_data": {"currency": "eur", "product_data": {"name": "x"}}}]},
        "parameter_missing",
        "line_items[0][price_data][unit_amount]",
    ),
    "no currency": (
        {"line_items": [{"quantity": 1, "price_data": {"unit_amount": 100, "product_data": {"name": "x"}}}]},
        "parameter_missing",
        "line_items[0][price_data][currency]",
    ),
    "no product name": (
        {
            "line_items": [
                {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 100, "product_data": {"description": "x"}}}
            ]
        },
        "parameter_missing",
        "line_items[0][price_data][product_data][name]",
    ),
    "negative amount": ({"line_items": [line(amount=-1)]}, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
    "no quantity": ({"line_items": [line(quantity=0)]}, "parameter_invalid_integer", "line_items[0][quantity]"),
    "amount is no number": (
        {"line_items": [line(amount="12.00")]},
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
    ),
    "too small": ({"line_items": [line(amount=49, quantity=1)], "shipping_options": None}, "amount_too_small", None),
    "too large": ({"line_items": [line(amount=99_999_999)]}, "amount_too_large", None),
    "mixed currencies": ({"line_items": [line(), line(currency="usd")]}, None, "line_items"),
    "postage in another currency": (
        {"shipping_options": [rate(100, "Post", currency="usd")]},
        None,
        "shipping_options[0][shipping_rate_data][fixed_amount][currency]",
    ),
    "not a currency": ({"line_items": [line(currency="e1")]}, None, "line_items[0][price_data][currency]"),
    "six shipping options": ({"shipping_options": [rate(100, str(n)) for n in range(6)]}, None, "shipping_options"),
    "101 lines": ({"line_items": [line() for _ in range(101)]}, None, "line_items"),
    "unknown country": (
        {"shipping_address_collection": {"allowed_countries": ["XX"]}},
        None,
        "shipping_address_collection[allowed_countries][0]",
    ),
    "51 metadata keys": ({"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    "long metadata key": ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
    "long metadata value": ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
    "long metadata value on the intent": (
        {"payment_intent_data": {"metadata": {"k": "v" * 501}}},
        None,
        "payment_intent_data[metadata][k]",
    ),
    "nested metadata": ({"metadata": {"k": {"deep": "v"}}}, None, "metadata[k]"),
    "no success address": ({"success_url": None}, "parameter_missing", "success_url"),
    "bad success address": ({"success_url": "javascript:alert(1)"}, "url_invalid", "success_url"),
    "bad cancel address": ({"cancel_url": "http://a;b/"}, "url_invalid", "cancel_url"),
    "bad image": ({"line_items": [line(images=["nowhere"])]}, "url_invalid", "line_items[0][price_data][product_data][images][0]"),
    "bad e-mail": ({"customer_email": "ada"}, "email_invalid", "customer_email"),
    "empty e-mail": ({"customer_email": ""}, "email_invalid", "customer_email"),
    "unknown locale": ({"locale": "tlh"}, None, "locale"),
    "unknown coupon": ({"discounts": [{"coupon": "FREE"}]}, "resource_missing", "discounts[0][coupon]"),
    "unknown price": ({"line_items": [{"price": "price_1", "quantity": 1}]}, "resource_missing", "line_items[0][price]"),
    "unknown customer": ({"customer": "cus_1", "customer_email": None}, "resource_missing", "customer"),
    "tax without a behaviour": (
        {"automatic_tax": {"enabled": True}},
        None,
        "line_items[0][price_data][tax_behavior]",
    ),
    "tax on top": (
        {"automatic_tax": {"enabled": True}, "line_items": [taxed("exclusive")]},
        "sandbox_unsupported",
        "line_items[0][price_data][tax_behavior]",
    ),
}


@pytest.mark.parametrize("name", BAD_SESSIONS)
def test_bad_sessions(client, name):
    changes, code, param = BAD_SESSIONS[name]
    status = 404 if code == "resource_missing" else 400
    error = refusal(client.v1.checkout.sessions.create, session_params(**changes), status=status)
    assert (error.code, error.param) == (code, param)
    assert error.user_message
    assert client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(
    "call",
    [
        lambda v1: v1.checkout.sessions.retrieve("cs_test_none"),
        lambda v1: v1.checkout.sessions.expire("cs_test_none"),
        lambda v1: v1.checkout.sessions.line_items.list("cs_test_none"),
        lambda v1: v1.payment_intents.retrieve("pi_none"),
        lambda v1: v1.payment_intents.capture("pi_none"),
        lambda v1: v1.payment_intents.cancel("pi_none"),
        lambda v1: v1.charges.retrieve("ch_none"),
        lambda v1: v1.refunds.retrieve("re_none"),
        lambda v1: v1.refunds.create({"payment_intent": "pi_none"}),
        lambda v1: v1.refunds.create({"charge": "ch_none"}),
        lambda v1: v1.events.retrieve("evt_none"),
        lambda v1: v1.checkout.sessions.list({"starting_after": "cs_test_none"}),
    ],
)
def test_unknown_ids(client, call):
    assert refusal(call, client.v1, status=404).code == "resource_missing"


@pytest.mark.parametrize("ending", ["expired", "complete"])
def test_expire_only_what_is_open(client, control, session, ending):
    if ending == "expired":
        client.v1.checkout.sessions.expire(session.id)
    else:
        control.pay(session.id)
    error = refusal(client.v1.checkout.sessions.expire, session.id)
    assert error.user_message == (
        f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{ending}`.'
    )


def test_no_payment_after_the_end(client, control, session):
    client.v1.checkout.sessions.expire(session.id)
    with pytest.raises(requests.HTTPError) as caught:
        control.pay(session.id)
    assert caught.value.response.status_code == 400
    assert client.v1.checkout.sessions.retrieve(session.id).payment_intent is None


def test_capture_twice(client, authorised):
    client.v1.payment_intents.capture(authorised.payment_intent)
    error = refusal(client.v1.payment_intents.capture, authorised.payment_intent)
    assert error.code == "payment_intent_unexpected_state"
    assert error.error.payment_intent.status == "succeeded"


def test_capture_too_much(client, authorised):
    error = refusal(client.v1.payment_intents.capture, authorised.payment_intent, {"amount_to_capture": 2751})
    assert (error.code, error.param) == ("amount_too_large", "amount_to_capture")
    assert client.v1.payment_intents.retrieve(authorised.payment_intent).status == "requires_capture"


def test_capture_nothing(client, authorised):
    error = refusal(client.v1.payment_intents.capture, authorised.payment_intent, {"amount_to_capture": 0})
    assert error.code == "parameter_invalid_integer"


def test_capture_after_cancel(client, authorised):
    client.v1.payment_intents.cancel(authorised.payment_intent)
    error = refusal(client.v1.payment_intents.capture, authorised.payment_intent)
    assert error.error.payment_intent.status == "canceled"


def test_cancel_after_capture(client, authorised):
    client.v1.payment_intents.capture(authorised.payment_intent)
    assert refusal(client.v1.payment_intents.cancel, authorised.payment_intent).code == "payment_intent_unexpected_state"


def test_cancel_while_the_session_is_open(client, control, session):
    intent = control.pay(session.id, "4000000000000002")["payment_intent"]
    assert refusal(client.v1.payment_intents.cancel, intent["id"]).code == "payment_intent_unexpected_state"


def test_refund_of_what_was_not_captured(client, authorised):
    assert refusal(client.v1.refunds.create, {"payment_intent": authorised.payment_intent}).http_status == 400
    charge = client.v1.payment_intents.retrieve(authorised.payment_intent).latest_charge
    assert refusal(client.v1.refunds.create, {"charge": charge}).http_status == 400
    assert client.v1.refunds.list().data == []


def test_refund_too_much(client, authorised):
    intent = client.v1.payment_intents.capture(authorised.payment_intent)
    error = refusal(client.v1.refunds.create, {"payment_intent": intent.id, "amount": 2751})
    assert (error.code, error.param) == ("amount_too_large", "amount")
    client.v1.refunds.create({"payment_intent": intent.id})
    assert refusal(client.v1.refunds.create, {"payment_intent": intent.id}).code == "charge_already_refunded"


def test_refund_of_nothing(client):
    assert refusal(client.v1.refunds.create, {}).code == "parameter_missing"


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_bad_limits(client, limit):
    assert refusal(client.v1.events.list, {"limit": limit}).param == "limit"


def test_bad_expand(client, session):
    call = client.v1.checkout.sessions.retrieve
    assert refusal(call, session.id, {"expand": ["payment_intent.nonsense", "status"]}).param == "expand"


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_abcdefghijklmnop", "pk_test_1", "nonsense"])
def test_only_test_keys(local, key):
    error = refusal(make_client(local.url, key=key).v1.balance.retrieve, kind=stripe.AuthenticationError, status=401)
    assert key not in error.user_message


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic %%%"}, {"Authorization": "sk_test_1"}]
)
def test_no_key(local, header):
    answer = requests.get(f"{local.url}/v1/balance", headers=header, timeout=5)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe=1",
        b"=1",
        b"mode=payment&mode[x]=1",
        b"line_items[0]=x&line_items[0][quantity]=1",
        b"a" + b"[b]" * 50 + b"=1",
        b"metadata[a%00b]=1",
    ],
)
def test_broken_bodies(local, body):
    headers = {"Authorization": "Bearer sk_test_1", "Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{local.url}/v1/checkout/sessions", data=body, headers=headers, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_huge_body(local):
    answer = requests.post(
        f"{local.url}/v1/refunds", data=b"a" * 2_000_000, headers={"Authorization": "Bearer sk_test_1"}, timeout=5
    )
    assert answer.status_code == 413


def test_unknown_address(local):
    answer = requests.delete(f"{local.url}/v1/customers/cus_1", headers={"Authorization": "Bearer sk_test_1"}, timeout=5)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Unrecognized request URL (DELETE: /v1/customers/cus_1)."


def test_declined_card_is_told(client, control, session):
    paid = control.pay(session.id, "4000000000009995")
    assert paid["outcome"] == "declined"
    assert (paid["error"]["code"], paid["error"]["decline_code"]) == ("card_declined", "insufficient_funds")


def test_foreign_host_name(local):
    answer = requests.get(f"{local.url}/mail.json", headers={"Host": "evil.example"}, timeout=5)
    assert answer.status_code == 403

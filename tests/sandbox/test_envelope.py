"""Every endpoint refuses in Stripe's envelope, and what Stripe documents as an error is the SDK's expected exception."""

import pytest
import requests
import stripe

from sandbox.routes import ROUTES
from tests.sandbox.builders import session_params
from tests.sandbox.conftest import make_client

KEY = {"Authorization": "Bearer sk_test_1"}


def call(local, route, headers=KEY, **params):
    """One raw request of a route, with an id that exists nowhere."""
    url = f"{local.url}/v1{route.path.replace('<id>', 'id_none')}"
    where = "params" if route.method == "GET" else "data"
    return requests.request(route.method, url, headers=headers, timeout=5, **{where: params})


def check(answer, status, code):
    """The envelope: ``{"error": {type, message, code?, param?, doc_url?}}`` and nothing beside it."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.headers["Request-Id"].startswith("req_")
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert {"type", "message"} <= set(error) <= {"type", "message", "code", "param", "doc_url", "decline_code"}
    assert error.get("code") == code
    assert ("doc_url" in error) == (code is not None)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_refuses_in_the_envelope(local, route):
    check(call(local, route, nonsense="1"), 400, "parameter_unknown")
    check(call(local, route, headers={}), 401, None)
    if "<id>" in route.path:
        check(call(local, route), 404, "resource_missing")


@pytest.mark.parametrize("kind", ["401", "402", "403", "409", "429", "500", "502", "503"])
def test_every_fault_refuses_in_the_envelope(local, control, kind):
    control.fault(kind)
    codes = {"401": "api_key_expired", "402": "card_declined", "409": "idempotency_key_in_use", "429": "rate_limit"}
    check(requests.get(f"{local.url}/v1/balance", headers=KEY, timeout=5), int(kind), codes.get(kind))


def idempotency(client, control):
    """The same key with other parameters."""
    for language in ("de", "en"):
        client.v1.checkout.sessions.create(session_params(locale=language), {"idempotency_key": "k"})


def already_refunded(client, control):
    """A second full refund."""
    paid = control.pay(client.v1.checkout.sessions.create(session_params()).id)["payment_intent"]["id"]
    client.v1.payment_intents.capture(paid)
    for _ in range(2):
        client.v1.refunds.create({"payment_intent": paid})


def faulty(kind, **more):
    """A call that meets a fault."""

    def ask(client, control):
        control.fault(kind, **more)
        client.v1.balance.retrieve()

    return ask


# Status → exception, as https://docs.stripe.com/error-handling?lang=python has it, each by a call that really brings it.
DOCUMENTED = {
    "400 bad parameter": (400, stripe.InvalidRequestError, lambda c, _: c.v1.refunds.create({"amount": -1})),
    "400 state": (400, stripe.InvalidRequestError, already_refunded),
    "400 idempotency": (400, stripe.IdempotencyError, idempotency),
    "401": (401, stripe.AuthenticationError, lambda c, control: make_client(control.url, "pk_test_1").v1.balance.retrieve()),
    "402": (402, stripe.CardError, faulty("402")),
    "403": (403, stripe.PermissionError, faulty("403")),
    "404": (404, stripe.InvalidRequestError, lambda c, _: c.v1.charges.retrieve("ch_none")),
    "409": (409, stripe.APIError, faulty("409")),
    "429": (429, stripe.RateLimitError, faulty("429")),
    "500": (500, stripe.APIError, faulty("500")),
    "502": (502, stripe.APIError, faulty("502")),
    "503": (503, stripe.APIError, faulty("503")),
    "no answer": (None, stripe.APIConnectionError, faulty("lost")),
    "too late": (None, stripe.APIConnectionError, faulty("hang", seconds=0.05)),
    "no JSON": (200, stripe.APIError, faulty("garbage")),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_each_documented_error_is_the_sdks_exception(client, control, name):
    status, kind, ask = DOCUMENTED[name]
    with pytest.raises(stripe.StripeError) as caught:
        ask(client, control)
    assert type(caught.value) is kind
    assert caught.value.http_status == status

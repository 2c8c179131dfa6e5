"""Faults on purpose, as the real SDK meets them: what it raises, what has happened, what a second try with the same key hears."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests
import stripe

from sandbox import faults
from sandbox.client import wait_for
from tests.sandbox.builders import session_params
from tests.sandbox.conftest import make_client

SESSIONS = "/v1/checkout/sessions"


def create(client, key="cs:1:1", **changes):
    """One create call under a key, with the same parameters whenever it is made."""
    return client.v1.checkout.sessions.create(session_params(expires_at=None, **changes), {"idempotency_key": key})


def made(client):
    """How many sessions there are."""
    return len(client.v1.checkout.sessions.list().data)


# What the SDK raises, its status, and whether the session exists afterwards.
KINDS = {
    "401": (stripe.AuthenticationError, 401, 0),
    "402": (stripe.CardError, 402, 0),
    "403": (stripe.PermissionError, 403, 0),
    "429": (stripe.RateLimitError, 429, 0),
    "409": (stripe.APIError, 409, 0),
    "500": (stripe.APIError, 500, 0),
    "502": (stripe.APIError, 502, 0),
    "503": (stripe.APIError, 503, 0),
    "500-after": (stripe.APIError, 500, 1),
    "reset": (stripe.APIConnectionError, None, 0),
    "lost": (stripe.APIConnectionError, None, 1),
    "hang": (stripe.APIConnectionError, None, 0),
    "hang-after": (stripe.APIConnectionError, None, 1),
    "garbage": (stripe.APIError, 200, 1),
}


def test_every_kind_has_its_test():
    here = {*KINDS, "latency", "alter", "pay-before", "pay-after"}
    assert here == set(faults.KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_sdk_raises_and_what_has_happened(client, control, kind):
    expected, status, happened = KINDS[kind]
    more = {"seconds": 0.05} if kind.startswith("hang") else {}
    control.fault(kind, SESSIONS, "POST", **more)
    with pytest.raises(stripe.StripeError) as caught:
        create(client)
    assert isinstance(caught.value, expected)
    assert caught.value.http_status == status
    assert made(client) == happened
    (entry,) = control.requests(fault=kind)
    assert (entry["method"], entry["path"], entry["idempotency_key"]) == ("POST", SESSIONS, "cs:1:1")
    assert entry["status"] == {"reset": None, "hang": None, "lost": 200, "hang-after": 200}.get(kind, status)


@pytest.mark.parametrize("kind", ["401", "403", "429", "409", "502", "503", "reset", "lost", "garbage"])
def test_the_same_key_works_afterwards_and_makes_one_session(client, control, kind):
    control.fault(kind, SESSIONS, "POST")
    with pytest.raises(stripe.StripeError):
        create(client)
    again = create(client)
    assert (again.status, made(client)) == ("open", 1)
    replayed = again.last_response.headers.get("Idempotent-Replayed")
    assert replayed == ("true" if kind in ("lost", "garbage") else None)


@pytest.mark.parametrize(("kind", "sessions"), [("402", 0), ("500", 0), ("500-after", 1)])
def test_a_saved_failure_is_replayed_for_a_day(client, control, kind, sessions):
    control.fault(kind, SESSIONS, "POST")
    answers = []
    for _ in range(3):
        with pytest.raises(stripe.StripeError) as caught:
            create(client)
        answers.append((caught.value.http_status, caught.value.headers.get("Idempotent-Replayed")))
    status = int(kind[:3])
    assert answers == [(status, None), (status, "true"), (status, "true")]
    assert made(client) == sessions
    assert create(client, key="cs:1:2").status == "open"
    control.advance(24 * 60 * 60 + 1)
    assert create(client).status == "open"


def test_the_sdks_own_retry_keeps_the_key(local, control):
    control.fault("reset", SESSIONS, "POST", times=2)
    session = create(make_client(local.url, retries=2))
    assert [r["idempotency_key"] for r in control.requests(path=SESSIONS)] == ["cs:1:1"] * 3
    assert session.status == "open"


def test_the_sdk_does_not_retry_a_429(local, control):
    control.fault("429", SESSIONS, "POST")
    with pytest.raises(stripe.RateLimitError) as caught:
        create(make_client(local.url, retries=2))
    reason = caught.value.headers["Stripe-Rate-Limited-Reason"]
    assert (caught.value.error.code, reason) == ("rate_limit", "endpoint-rate")
    assert len(control.requests()) == 1


def test_the_reset_is_a_real_one(local, control):
    control.fault("reset")
    with socket.create_connection((urlsplit(local.url).hostname, urlsplit(local.url).port)) as line:
        line.settimeout(5)
        line.sendall(b"GET /v1/balance HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk_test_1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            line.recv(1)


def test_latency_is_only_late(client, control):
    control.fault("latency", "/v1/balance", seconds=0.3)
    begun = time.monotonic()
    client.v1.balance.retrieve()
    assert time.monotonic() - begun >= 0.3
    begun = time.monotonic()
    client.v1.balance.retrieve()
    assert time.monotonic() - begun < 0.3


def test_latency_and_another_fault_go_together(client, control):
    control.fault("latency", seconds=0.2)
    control.fault("429")
    begun = time.monotonic()
    with pytest.raises(stripe.RateLimitError):
        client.v1.balance.retrieve()
    assert time.monotonic() - begun >= 0.2


def test_a_client_that_does_not_wait_gives_up_first(local, control):
    impatient = stripe.StripeClient(
        "sk_test_1", base_addresses={"api": local.url}, http_client=stripe.RequestsClient(timeout=(1, 0.2))
    )
    control.fault("hang-after", SESSIONS, "POST", seconds=30)
    with pytest.raises(stripe.APIConnectionError, match=r"[Tt]imed out"):
        create(impatient)
    assert control.clear_faults() == 1
    assert create(impatient).last_response.headers["Idempotent-Replayed"] == "true"


def test_clearing_lets_go_who_hangs(client, control):
    control.fault("hang", "/v1/balance", seconds=60)
    ended = threading.Event()

    def ask():
        with pytest.raises(stripe.APIConnectionError):
            client.v1.balance.retrieve()
        ended.set()

    asking = threading.Thread(target=ask)
    asking.start()
    wait_for(lambda: control.faults()[0]["struck"], 5)
    assert not ended.is_set()
    control.clear_faults()
    asking.join(5)
    assert ended.is_set()


def test_an_answer_that_lies(client, control, session):
    control.fault("alter", f"{SESSIONS}/*", changes={"amount_total": 1, "currency": "usd", "livemode": True})
    told = client.v1.checkout.sessions.retrieve(session.id)
    assert (told.amount_total, told.currency, told.livemode, told.id) == (1, "usd", True, session.id)
    assert client.v1.checkout.sessions.retrieve(session.id).amount_total == session.amount_total


def test_the_fan_pays_just_before_the_expiry(client, control, session):
    control.fault("pay-before", f"{SESSIONS}/*/expire")
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        client.v1.checkout.sessions.expire(session.id)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_the_fan_pays_before_the_create_call_is_answered(client, control, shop_door):
    control.webhooks("early")
    control.fault("pay-after", SESSIONS, "POST")
    session = create(client)
    assert sorted(shop_door.types()) == ["checkout.session.completed", "payment_intent.amount_capturable_updated"]
    assert session.status == "open"  # what was true when the answer was written
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_the_webhook_is_there_while_the_create_call_is_still_out(client, control, shop_door):
    control.webhooks("early")
    control.fault("pay-after", SESSIONS, "POST")
    control.fault("lost", SESSIONS, "GET")
    seen = []
    shop_door.on_post = lambda: seen.append(control.requests(path=SESSIONS)[0]["status"])
    create(client)
    assert seen == [None, None]  # the request is in the log and has no answer yet


def test_a_fan_cannot_pay_what_is_no_session(client, control, session):
    control.fault("pay-after", SESSIONS, "GET")
    assert [each.id for each in client.v1.checkout.sessions.list()] == [session.id]


def test_times_skip_and_counts(client, control):
    rule = control.fault("429", "/v1/balance", times=2, skip=1)
    outcomes = []
    for _ in range(5):
        try:
            client.v1.balance.retrieve()
            outcomes.append("ok")
        except stripe.RateLimitError:
            outcomes.append("429")
    assert outcomes == ["ok", "429", "429", "ok", "ok"]
    (found,) = control.faults()
    assert (found["id"], found["met"], found["struck"]) == (rule["id"], 3, 2)


def test_without_end(client, control):
    control.fault("429", "/v1/balance", times=None)
    for _ in range(3):
        with pytest.raises(stripe.RateLimitError):
            client.v1.balance.retrieve()
    control.clear_faults()
    client.v1.balance.retrieve()


def test_a_coin_with_a_seed_falls_the_same_way_again(client, control):
    def throw(seed):
        control.clear_faults()
        control.fault("429", "/v1/balance", probability=0.5, seed=seed)
        outcomes = ""
        for _ in range(12):
            try:
                client.v1.balance.retrieve()
                outcomes += "."
            except stripe.RateLimitError:
                outcomes += "x"
        return outcomes

    first = throw(7)
    assert throw(7) == first
    assert throw(8) != first
    assert {*first} == {".", "x"}


@pytest.mark.parametrize(
    ("path", "method", "hit"),
    [
        ("/v1/checkout/sessions/*/expire", "POST", True),
        ("/v1/checkout/sessions/*", "POST", False),
        ("/v1/checkout/**", "*", True),
        ("/v1/checkout/sessions/*/expire", "GET", False),
        ("/v1/checkout/sessions/*/expir.", "POST", False),
        ("/v1/**/expire", "POST", True),
    ],
)
def test_which_calls_are_meant(client, control, session, path, method, hit):
    control.fault("429", path, method)
    if hit:
        with pytest.raises(stripe.RateLimitError):
            client.v1.checkout.sessions.expire(session.id)
    else:
        client.v1.checkout.sessions.expire(session.id)


def test_the_first_rule_that_fits_strikes(client, control):
    control.fault("429", "/v1/balance")
    control.fault("500", "/v1/balance")
    with pytest.raises(stripe.RateLimitError):
        client.v1.balance.retrieve()
    with pytest.raises(stripe.APIError):
        client.v1.balance.retrieve()
    client.v1.balance.retrieve()


def test_one_rule_is_cleared_by_its_id(client, control):
    first, second = control.fault("429", "/v1/balance"), control.fault("500", "/v1/balance")
    assert control.clear_faults(first["id"]) == 1
    assert [rule["id"] for rule in control.faults()] == [second["id"]]
    with pytest.raises(requests.HTTPError):
        control.clear_faults(first["id"])


def test_a_reset_of_the_sandbox_clears_them(client, control):
    control.fault("429", times=None)
    control.limit(1)
    control.reset()
    assert control.faults() == []
    for _ in range(5):
        client.v1.balance.retrieve()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "429", "times": 0},
        {"kind": "429", "probability": 2},
        {"kind": "429", "method": "PATCH"},
        {"kind": "429", "changes": {"a": 1}},
        {"kind": "alter"},
        {"kind": "hang"},
        {"kind": "hang", "seconds": 1e6},
        {"kind": "latency", "seconds": -1},
        {"kind": "pay-after", "card": "gold"},
        {"kind": "429", "seed": "x"},
        {"kind": "429", "skp": 1},
    ],
)
def test_bad_rules(local, body):
    headers = {"Authorization": "Bearer let-me-in"}
    assert requests.post(f"{local.url}/_local/faults", json=body, headers=headers, timeout=5).status_code == 400
    assert local.control.faults() == []

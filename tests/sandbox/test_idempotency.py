"""Idempotency keys: replayed, refused for another request, refused while in flight."""

import threading

import pytest
import requests
import stripe

from sandbox.client import wait_for
from tests.sandbox.builders import session_params


def test_replay(client, local):
    params, options = session_params(), {"idempotency_key": "cs:1:1"}
    first = client.v1.checkout.sessions.create(params, options)
    second = client.v1.checkout.sessions.create(params, options)
    assert first.id == second.id
    assert len(client.v1.checkout.sessions.list().data) == 1
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.request_id == first.last_response.request_id
    assert [r["replayed"] for r in local.control.requests(method="POST")] == [False, True]


def test_same_key_other_parameters(client):
    client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.checkout.sessions.create(session_params(locale="de"), {"idempotency_key": "k"})
    assert caught.value.http_status == 400


def test_same_key_other_address(client, authorised):
    client.v1.payment_intents.capture(authorised.payment_intent, {}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.cancel(authorised.payment_intent, {}, {"idempotency_key": "k"})


def test_a_refusal_is_replayed_too(client, control, session):
    control.pay(session.id, "4000000000000002")
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    answers = []
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.payment_intents.capture(intent, {}, {"idempotency_key": "cap:1"})
        answers.append(caught.value.headers.get("Idempotent-Replayed"))
        control.pay(session.id) if len(answers) == 1 else None
    assert answers == [None, "true"]


def test_bad_parameters_do_not_use_up_a_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(session_params(locale="tlh"), {"idempotency_key": "k"})
    assert client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k"}).status == "open"


def test_key_is_forgotten_after_a_day(client, control):
    params = session_params(expires_at=None)
    first = client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    control.advance(24 * 60 * 60 + 1)
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).id != first.id


def test_in_flight(client, local):
    """Two requests with one key at once: the second hears 409, and once the first is through it gets the same answer."""
    params, made = session_params(), []

    def create():
        made.append(client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}))

    first = threading.Thread(target=create)
    with local.box.store.lock:  # the first request runs, but cannot end
        first.start()
        wait_for(lambda: "k" in local.box.in_flight, 5)
        with pytest.raises(stripe.APIError) as caught:
            client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    first.join()
    assert caught.value.http_status == 409
    assert client.v1.checkout.sessions.create(params, {"idempotency_key": "k"}).id == made[0].id


def test_too_long_a_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k" * 256})


def test_request_log(client, control, session):
    (entry,) = control.requests(path="/v1/checkout/sessions")
    assert (entry["method"], entry["status"]) == ("POST", 200)
    assert entry["params"]["line_items"][0]["price_data"]["unit_amount"] == 1200
    assert entry["idempotency_key"]
    assert requests.get(f"{control.url}/_local/requests", timeout=5).status_code == 401

"""Webhooks: signed so that the SDK believes them, tried again, held, dropped, doubled, sent anew."""

import time

import pytest
import requests
import stripe

from sandbox.client import wait_for
from tests.sandbox.receiver import SECRET

PAID = ["charge.succeeded", "checkout.session.completed", "payment_intent.amount_capturable_updated", "payment_intent.created"]


def came(shop_door, count):
    """Wait for so many posts."""
    wait_for(lambda: len(shop_door.posts) >= count, 5)


def test_what_is_sent_when_paid(client, control, session, shop_door):
    control.pay(session.id)
    came(shop_door, 2)
    control.wait_delivered()
    assert sorted(shop_door.types()) == ["checkout.session.completed", "payment_intent.amount_capturable_updated"]
    assert sorted(e.type for e in client.v1.events.list().data) == PAID
    completed = next(e for e in shop_door.events() if e.type == "checkout.session.completed")
    assert (completed.api_version, completed.livemode, completed.pending_webhooks) == ("2026-10-28.endive", False, 1)
    assert completed.data.object.id == session.id
    assert completed.request.id is None


def test_events_name_the_request_that_caused_them(client, authorised, shop_door):
    client.v1.payment_intents.capture(authorised.payment_intent, {}, {"idempotency_key": "cap:1"})
    came(shop_door, 3)
    event = next(e for e in shop_door.events() if e.type == "payment_intent.succeeded")
    assert event.request.idempotency_key == "cap:1"
    assert event.request.id.startswith("req_")


def test_what_the_verbs_send(client, authorised, control, shop_door):
    client.v1.payment_intents.capture(authorised.payment_intent)
    client.v1.refunds.create({"payment_intent": authorised.payment_intent, "amount": 100})
    came(shop_door, 6)
    control.wait_delivered()
    assert sorted(shop_door.types()[2:]) == ["charge.refunded", "payment_intent.succeeded", "refund.created", "refund.updated"]


def test_cancel_and_expire_send(client, control, authorised, shop_door):
    client.v1.payment_intents.cancel(authorised.payment_intent)
    came(shop_door, 4)
    assert sorted(shop_door.types()[2:]) == ["charge.refunded", "payment_intent.canceled"]


def test_the_signature_is_the_secrets(control, session, shop_door):
    control.pay(session.id)
    came(shop_door, 1)
    signature, body = shop_door.posts[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace("false", "true", 1), signature, SECRET)


def test_signed_in_real_time_whatever_the_clock_says(client, control, session, shop_door):
    control.advance(-100_000)
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 1)
    signed = int(shop_door.posts[0][0].split(",")[0].removeprefix("t="))
    assert abs(signed - time.time()) < 5
    assert shop_door.types() == ["checkout.session.expired"]


@pytest.mark.parametrize("failure", [500, 302, 404])
def test_tried_again_until_it_works(client, control, session, shop_door, failure):
    shop_door.answers = [failure, failure]
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 3)
    wait_for(lambda: control.deliveries(state="delivered"), 5)
    (delivery,) = control.deliveries()
    assert [a["status"] for a in delivery["attempts"]] == [failure, failure, 200]
    assert len({body for _, body in shop_door.posts}) == 1
    (event,) = client.v1.events.list().data
    assert event.pending_webhooks == 0
    assert client.v1.events.list({"delivery_success": False}).data == []


def test_undelivered_events_can_be_listed(client, control, session):
    control.webhooks("drop")
    client.v1.checkout.sessions.expire(session.id)
    assert [e.type for e in client.v1.events.list({"delivery_success": False}).data] == ["checkout.session.expired"]


def test_hold_and_flush(client, control, session, shop_door):
    control.webhooks("hold")
    control.pay(session.id)
    control.wait_delivered()
    assert shop_door.posts == []
    assert control.flush() == 2
    came(shop_door, 2)
    wait_for(lambda: len(control.deliveries(state="delivered")) == 2, 5)


def test_drop(client, control, session, shop_door):
    control.webhooks("drop")
    control.pay(session.id)
    assert control.flush() == 0
    control.wait_delivered()
    assert shop_door.posts == []
    assert [d["state"] for d in control.deliveries()] == ["dropped", "dropped"]


def test_duplicate(client, control, session, shop_door):
    control.webhooks("duplicate", times=3)
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 3)
    control.wait_delivered()
    assert len(shop_door.posts) == 3
    assert len({event.id for event in shop_door.events()}) == 1


def test_resend(client, control, session, shop_door):
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 1)
    (event,) = shop_door.events()
    control.resend(event.id)
    came(shop_door, 2)
    assert [e.id for e in shop_door.events()] == [event.id, event.id]


def test_a_rolled_back_request_sends_nothing(client, control, authorised, shop_door):
    came(shop_door, 2)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(authorised.payment_intent, {"amount_to_capture": 9999})
    control.wait_delivered()
    assert len(shop_door.posts) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("webhooks", {"mode": "explode"}),
        ("webhooks", {"mode": "duplicate", "times": 0}),
        ("webhooks", {"mode": "duplicate", "times": "x"}),
        ("clock", {}),
        ("clock", {"set": "noon"}),
        ("clock", {"advance": True}),
        ("pay", {"session": 7}),
        ("pay", []),
        ("webhooks/resend", {}),
    ],
)
def test_bad_control_bodies(local, path, body):
    headers = {"Authorization": "Bearer let-me-in"}
    assert requests.post(f"{local.url}/_local/{path}", json=body, headers=headers, timeout=5).status_code == 400


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_controls_need_the_token(local, headers):
    for path in ("reset", "pay", "clock", "webhooks", "webhooks/flush"):
        assert requests.post(f"{local.url}/_local/{path}", json={}, headers=headers, timeout=5).status_code == 401


def test_a_body_is_read_as_json_whatever_curl_calls_it(local):
    headers = {"Authorization": "Bearer let-me-in", "Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(f"{local.url}/_local/limits", data='{"each": 25}', headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["each"]) == (200, 25)

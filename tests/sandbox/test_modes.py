"""The manners of delivery: shuffled, late, forged, stale, early, in a given sequence, by type and by chance."""

import time

import pytest
import requests
import stripe

from sandbox.behaviour import Behaviour, Chance
from sandbox.client import wait_for
from tests.sandbox.builders import session_params
from tests.sandbox.receiver import SECRET


def came(shop_door, count):
    """Wait for so many posts."""
    wait_for(lambda: len(shop_door.posts) >= count, 5)


def refused_by_the_sdk(signature, body):
    """What the SDK says to a post that it must not believe."""
    with pytest.raises(stripe.SignatureVerificationError) as caught:
        stripe.Webhook.construct_event(body, signature, SECRET)
    return str(caught.value)


def test_forged(client, control, session, shop_door):
    control.webhooks("forge")
    shop_door.answers = [400]
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 2)
    assert {"No signatures found" in refused_by_the_sdk(*post) for post in shop_door.posts} == {True}
    wait_for(lambda: control.deliveries(state="delivered"), 5)
    (delivery,) = control.deliveries()
    assert (delivery["mode"], [a["status"] for a in delivery["attempts"]]) == ("forge", [400, 200])


def test_stale(client, control, session, shop_door):
    control.webhooks("stale", seconds=400)
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 1)
    assert "outside the tolerance zone" in refused_by_the_sdk(*shop_door.posts[0])
    signature, body = shop_door.posts[0]
    assert stripe.WebhookSignature.verify_header(body, signature, SECRET, tolerance=500)


def test_delayed(client, control, session, shop_door):
    control.webhooks("delay", seconds=0.3)
    begun = time.monotonic()
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 1)
    assert time.monotonic() - begun >= 0.3
    control.webhooks("delay", seconds=3600)
    control.pay(client.v1.checkout.sessions.create(session_params()).id)
    control.wait_delivered()
    assert len(shop_door.posts) == 1
    control.advance(3601)
    came(shop_door, 3)


def test_shuffled(client, control, shop_door):
    control.webhooks("shuffle", seconds=0.3, seed=3)
    made = [client.v1.checkout.sessions.create(session_params()).id for _ in range(6)]
    for session_id in made:
        client.v1.checkout.sessions.expire(session_id)
    came(shop_door, 6)
    arrived = [event.data.object.id for event in shop_door.events()]
    assert sorted(arrived) == sorted(made)
    assert arrived != made


def test_the_same_seed_shuffles_alike():
    def moments(seed):
        chance = Chance(Behaviour("shuffle", seconds=1, seed=seed))
        return [chance.within(1) for _ in range(5)]

    assert moments(1) == moments(1)
    assert moments(1) != moments(2)


def test_early_means_before_the_answer(client, control, authorised, shop_door):
    control.wait_delivered()
    shop_door.clear()
    control.webhooks("early")
    statuses = []
    shop_door.on_post = lambda: statuses.append(control.requests()[-1]["status"])
    client.v1.payment_intents.capture(authorised.payment_intent)
    assert shop_door.types() == ["payment_intent.succeeded"]
    assert statuses == [None]


def test_early_and_refused_is_tried_again(client, control, session, shop_door):
    control.webhooks("early")
    shop_door.answers = [500]
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 2)
    wait_for(lambda: control.deliveries(state="delivered"), 5)


def test_a_shop_that_asks_back_before_the_answer(client, control, session, shop_door):
    """The webhook's handler calls the API while the call that caused it is still out."""
    control.webhooks("early")
    seen = []
    shop_door.on_post = lambda: seen.append(client.v1.checkout.sessions.retrieve(session.id).status)
    client.v1.checkout.sessions.expire(session.id)
    assert seen == ["expired"]


def test_in_a_given_sequence(client, control, session, shop_door):
    control.webhooks("hold")
    control.pay(session.id)
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    client.v1.payment_intents.capture(intent)
    events = {e.type: e.id for e in client.v1.events.list().data}
    wanted = ["payment_intent.succeeded", "checkout.session.completed", "payment_intent.amount_capturable_updated"]
    sent = control.send([events[kind] for kind in wanted])
    assert shop_door.types() == wanted
    assert [d["state"] for d in sent] == ["delivered"] * 3
    control.send([events["checkout.session.completed"]])
    assert shop_door.types() == [*wanted, "checkout.session.completed"]
    assert control.flush() == 0


def test_twenty_at_once(client, control, session, shop_door):
    control.webhooks("duplicate", times=20)
    shop_door.together = 20  # none is answered before all have come
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 20)
    wait_for(lambda: len(control.deliveries(state="delivered")) == 20, 10)


def test_only_the_named_types(client, control, session, shop_door):
    control.webhooks("drop", types=["payment_intent.*"])
    control.pay(session.id)
    came(shop_door, 1)
    control.wait_delivered()
    assert shop_door.types() == ["checkout.session.completed"]
    assert {d["type"]: d["state"] for d in control.deliveries()}["payment_intent.amount_capturable_updated"] == "dropped"


def test_by_chance(client, control):
    def fates(seed):
        control.reset()
        control.webhooks("drop", probability=0.5, seed=seed)
        for _ in range(12):
            client.v1.checkout.sessions.expire(client.v1.checkout.sessions.create(session_params()).id)
        control.wait_delivered()
        return "".join("x" if d["state"] == "dropped" else "." for d in control.deliveries())

    first = fates(5)
    assert fates(5) == first
    assert {*first} == {".", "x"}


def test_resend_in_another_manner(client, control, session, shop_door):
    client.v1.checkout.sessions.expire(session.id)
    came(shop_door, 1)
    (event,) = shop_door.events()
    control.resend(event.id, mode="forge")
    came(shop_door, 2)
    refused_by_the_sdk(*shop_door.posts[1])
    control.resend(event.id, times=2, mode="stale", seconds=900)
    came(shop_door, 4)
    refused_by_the_sdk(*shop_door.posts[3])


def test_the_advancing_clock_hastens_the_next_try(running, shop_door, client, control, session):
    shop_door.answers = [500, 500]
    scale = running.options.retry_scale
    assert scale < 1
    control.webhooks("delay", seconds=7200)
    client.v1.checkout.sessions.expire(session.id)
    control.advance(7199)
    control.wait_delivered()
    assert shop_door.posts == []
    control.advance(2)
    came(shop_door, 3)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("webhooks", {"mode": "delay", "seconds": -1}),
        ("webhooks", {"mode": "drop", "probability": 1.5}),
        ("webhooks", {"mode": "drop", "types": "refund.*"}),
        ("webhooks", {"mode": "drop", "type": ["refund.*"]}),
        ("webhooks/flush", {"events": "all"}),
        ("webhooks/resend", {"event": "evt_1", "times": 0}),
        ("limits", {}),
        ("limits", {"each": "many"}),
    ],
)
def test_bad_bodies(local, path, body):
    headers = {"Authorization": "Bearer let-me-in"}
    answer = requests.post(f"{local.url}/_local/{path}", json=body, headers=headers, timeout=5)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


def test_unknown_events_cannot_be_sent(control):
    with pytest.raises(requests.HTTPError) as caught:
        control.send(["evt_none"])
    assert caught.value.response.status_code == 404

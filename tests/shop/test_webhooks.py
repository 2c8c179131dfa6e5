"""POST /webhooks/stripe: who is believed, what is stored, and that nothing said there is taken for granted."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel import heartbeat
from app.kernel.db import Database, reading
from app.kernel.outbox import Job
from app.orders.models import Order
from app.payments.models import StripeEvent
from app.reports.checks_page import REFUSED
from sandbox import LocalStripe
from tests.builders import open_drop
from tests.cast import NOW, StoppedClock
from tests.shop.shopper import Shopper, deliver, events, work
from tests.site import make_app


def event(**changes: object) -> str:
    """A believable event about a session that is not ours."""
    about = {"object": "checkout.session", "id": "cs_unknown", "metadata": {}, "payment_intent": None}
    body = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": int(NOW.timestamp())}
    return json.dumps({**body, "livemode": False, "account": None, "data": {"object": about}, **changes})


def stored(db: Database) -> int:
    """How many events are remembered."""
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(StripeEvent)) or 0


@pytest.mark.parametrize(
    "signature",
    [None, "", "t=1", "v0=aa", "t=1,v1=", "t=1,v1=é", "t=" + "9" * 400 + ",v1=aa", "t=-1,v1=aa", "=,=", "v1=aa,t=x", "x" * 9000],
)
def test_who_is_not_stripe_is_not_heard(client: FlaskClient, db: Database, signature: str | None) -> None:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    answer = client.post("/webhooks/stripe", data=event(), headers=headers)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "bad-signature"
    assert "cs_unknown" not in answer.text
    assert stored(db) == 0


@pytest.mark.parametrize(("seconds", "status"), [(-301, 400), (-299, 200), (0, 200), (30, 200), (400, 400)])
def test_a_signature_has_an_age(client: FlaskClient, db: Database, clock: StoppedClock, seconds: int, status: int) -> None:
    signed_at = clock.now()
    clock.forward(seconds=-seconds)
    assert deliver(client, event(), signed_at).status_code == status
    assert stored(db) == (status == 200)


def test_each_secret_of_a_rotation_counts(db: Database, clock: StoppedClock) -> None:
    client = make_app(db, clock, stripe_webhook_secret="whsec_new,whsec_old").test_client()
    assert deliver(client, event(), NOW, "whsec_old").status_code == 200
    assert deliver(client, event(id="evt_2"), NOW, "whsec_new").status_code == 200
    assert deliver(client, event(id="evt_3"), NOW, "whsec_other").status_code == 400


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "null", '"x"', "{", '{"id": 1}', event(data={"object": []}), event(created="x"), event(created=10**20)]
)
def test_signed_nonsense_is_refused_too(client: FlaskClient, db: Database, body: str) -> None:
    assert deliver(client, body, NOW).status_code == 400
    assert stored(db) == 0


def test_bytes_that_are_no_text(client: FlaskClient, db: Database) -> None:
    answer = client.post("/webhooks/stripe", data=b"\xff\xfe\x00", headers={"Stripe-Signature": "t=1,v1=aa"})
    assert answer.status_code == 400


def test_large_events_pass_and_huge_ones_do_not(client: FlaskClient, db: Database) -> None:
    assert deliver(client, event(padding="x" * 200_000), NOW).status_code == 200
    assert deliver(client, event(id="evt_2", padding="x" * 300_000), NOW).status_code == 413
    assert stored(db) == 1


def test_an_event_about_nothing_of_ours_is_remembered_and_moves_nothing(client: FlaskClient, db: Database) -> None:
    answer = deliver(client, event(), NOW)
    assert (answer.status_code, answer.json) == (200, {"heard": False})
    assert stored(db) == 1
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0
    assert "Set-Cookie" not in answer.headers


def test_another_sites_page_cannot_post_events(client: FlaskClient, db: Database) -> None:
    answer = client.post("/webhooks/stripe", data=event(), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_the_same_events_many_times_and_at_once_make_one_order(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    open_drop(db)
    hold = ada.take()
    ada.buy(hold)
    bodies = events(local_stripe) * 4

    def post(body: str) -> int:
        return deliver(selling.test_client(), body, clock.now()).status_code

    with ThreadPoolExecutor(6) as crowd:
        assert set(crowd.map(post, bodies)) == {200}
    letters = work(selling)
    assert [letter.key for letter in letters] == ["mail.confirmed.1"]
    with reading(db) as session:
        assert session.scalars(select(Order.number)).all() == [1]
    assert stored(db) == len(bodies) / 4


def test_an_events_own_words_are_not_believed(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    """ "Completed" and "paid", says the event; Stripe, asked, says open."""
    open_drop(db)
    hold = ada.take()
    session_id = ada.session(ada.press_pay(hold))
    metadata = local_stripe.box.store.get("checkout.session", session_id)["metadata"]
    about = {
        "object": "checkout.session",
        "id": session_id,
        "metadata": metadata,
        "payment_intent": None,
        "payment_status": "paid",
        "amount_total": 1,
    }
    assert deliver(ada.client, event(data={"object": about}), clock.now()).json == {"heard": True}
    work(selling)
    with reading(db) as session:
        assert session.scalars(select(Order)).all() == []
    assert "You are paying" in ada.client.get(hold).text


def test_a_message_that_is_not_stripes_is_noted_once_in_ten_seconds(client: FlaskClient, db: Database, clock: StoppedClock) -> None:
    """A check that waits for a message can say why none counts; who sends a thousand of them writes little."""

    def noted() -> float | None:
        with reading(db) as session:
            return heartbeat.age(session, REFUSED, clock.now())

    assert noted() is None
    client.post("/webhooks/stripe", data=b"{}")
    assert noted() == 0
    clock.forward(seconds=9)
    client.post("/webhooks/stripe", data=b"{}")
    assert noted() == 9
    clock.forward(seconds=2)
    client.post("/webhooks/stripe", data=b"{}")
    assert noted() == 0

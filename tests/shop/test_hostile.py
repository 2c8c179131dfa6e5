"""What a hostile client sends that no browser would: refused in plain words, nothing changed, never a 500."""

import io
import json

import pytest
import stripe
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.inventory.models import Hold
from app.kernel.db import Database, reading
from app.payments.models import StripeEvent
from tests.builders import open_drop
from tests.cast import NOW
from tests.site import WEBHOOK_SECRET

TAKE = {"run": "run-1", "quantity": "1"}


def _holds(db: Database) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(Hold)) or 0


@pytest.mark.parametrize("origin", ["http://[", "https://shop.example]", "null", "", "http://evil.example"])
def test_an_origin_that_is_not_ours(client: FlaskClient, db: Database, origin: str) -> None:
    open_drop(db)
    answer = client.post("/drops/drop-1/holds", data=TAKE, headers={"Origin": origin})
    assert (answer.status_code, _holds(db)) == (403, 0)


def test_a_body_that_does_not_say_its_length_is_not_acted_upon(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    answer = client.post(
        "/drops/drop-1/holds",
        input_stream=io.BytesIO(b"run=run-1&quantity=1&x=" + b"x" * 100_000),
        headers={"Transfer-Encoding": "chunked", "Content-Type": "application/x-www-form-urlencoded"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, _holds(db)) == (411, 0)


def test_a_slash_too_many_leads_on_without_believing_the_host(client: FlaskClient) -> None:
    answer = client.get("/drops//drop-1", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "/drops/drop-1")


def test_the_answer_to_a_take_is_nobody_elses(client: FlaskClient, db: Database) -> None:
    open_drop(db)
    answer = client.post("/drops/drop-1/holds", data=TAKE, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == (201, "no-store", "noindex")


@pytest.mark.parametrize("email", ["jörg@example.org", "jorg@exa mple.org", "a@b"])
def test_an_address_that_mail_servers_cannot_take(client: FlaskClient, db: Database, email: str) -> None:
    open_drop(db)
    hold = client.post("/drops/drop-1/holds", data=TAKE).headers["Location"]
    answer = client.post(f"{hold}/details", data={"email": email.encode("utf-8", "replace"), "country": "DE", "note": ""})
    assert answer.status_code == 422


def _event(**changed: object) -> str:
    whole = {"id": "evt_1", "type": "x", "created": 1, "livemode": False, "data": {"object": {"object": "x", "id": "x_1"}}}
    return json.dumps({**whole, **changed})


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, _event(account={}, id=7), _event(id="\ud800"), _event(data={"object": {"object": "x", "id": {}}})],
    ids=["deep", "no text", "surrogate", "nested id"],
)
def test_a_signed_event_that_makes_no_sense(client: FlaskClient, db: Database, body: str) -> None:
    signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, int(NOW.timestamp()))
    answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
    with reading(db) as session:
        stored = session.scalar(select(func.count()).select_from(StripeEvent))
    assert (answer.status_code, stored) == (400, 0)

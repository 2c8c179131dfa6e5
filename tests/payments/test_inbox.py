"""Webhook events: signed by one of our secrets just now, in our words, remembered once, without personal data."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import select

from app.kernel.db import Database, reading, transaction
from app.payments import inbox
from app.payments.facts import EventFacts
from app.payments.inbox import BadSignature, verify
from app.payments.models import StripeEvent
from tests.cast import NOW

SECRET, OLD = "whsec_new", "whsec_old"


def _event(**changed: Any) -> dict[str, Any]:
    about = {
        "id": "cs_test_1",
        "object": "checkout.session",
        "metadata": {"shop": "tinsel", "attempt": "7"},
        "customer_details": {"email": "ada@example.org", "name": "Ada Lovelace"},
        "payment_intent": "pi_1",
    }
    whole = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "created": int(NOW.timestamp()),
        "livemode": False,
        "data": {"object": about},
    }
    return {**whole, **changed}


def _signed(body: bytes, secret: str = SECRET, at: datetime = NOW) -> str:
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))


def _verify(event: Any, header: str | None = None, **signed: Any) -> EventFacts:
    body = json.dumps(event).encode()
    return verify(body, header if header is not None else _signed(body, **signed), (SECRET, OLD), NOW)


def test_an_event_in_our_words() -> None:
    assert _verify(_event()) == EventFacts(
        "evt_1", "checkout.session.completed", NOW, False, None, "cs_test_1", "tinsel", 7, "cs_test_1", "pi_1"
    )


def test_an_intents_event() -> None:
    about = {"id": "pi_1", "object": "payment_intent", "metadata": {}}
    facts = _verify(_event(type="payment_intent.succeeded", data={"object": about}, account="acct_1"))
    assert (facts.intent_id, facts.session_id, facts.attempt_id, facts.shop, facts.account) == ("pi_1", None, None, None, "acct_1")


@pytest.mark.parametrize("seconds", [-300, -299, 0, 29, 30])
def test_a_fresh_signature_is_good(seconds: int) -> None:
    assert _verify(_event(), at=NOW + timedelta(seconds=seconds)).id == "evt_1"


@pytest.mark.parametrize("seconds", [-301, -86400, 31, 3600])
def test_an_old_or_future_signature_is_not(seconds: int) -> None:
    with pytest.raises(BadSignature) as refusal:
        _verify(_event(), at=NOW + timedelta(seconds=seconds))
    assert refusal.value.status == 400


def test_both_secrets_are_good_while_they_are_rotated() -> None:
    assert _verify(_event(), secret=OLD).id == "evt_1"
    body = json.dumps(_event()).encode()
    header = _signed(body, "whsec_unknown") + "," + _signed(body).split(",")[1]
    assert _verify(_event(), header).id == "evt_1"


@pytest.mark.parametrize(
    "header", ["", "t=1", "v1=abc", "t=,v1=", "t=soon,v1=abc", "\x00", "t=99999999999999999999,v1=ab", "t=1,v1=" + "a" * 10_000]
)
def test_a_broken_header_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        _verify(_event(), header)


def test_another_secret_or_another_body_is_refused() -> None:
    with pytest.raises(BadSignature):
        _verify(_event(), secret="whsec_eve")
    with pytest.raises(BadSignature):
        _verify(_event(id="evt_2"), _signed(json.dumps(_event()).encode()))
    with pytest.raises(BadSignature):
        verify(json.dumps(_event()).encode(), _signed(json.dumps(_event()).encode(), ""), (), NOW)


def test_broken_utf8_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(b"\xff\xfe{}", "t=1,v1=ab", (SECRET,), NOW)


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "evt",
        {},
        _event(data=None),
        _event(data={"object": None}),
        _event(data={"object": {"object": "checkout.session"}}),
        _event(data={"object": {"id": "x"}}),
        _event(data={"object": {"id": "x", "object": "charge", "metadata": ["a"]}}),
        _event(created="soon"),
        _event(created=10**30),
    ],
)
def test_what_is_signed_but_no_event_is_refused(event: Any) -> None:
    with pytest.raises(BadSignature):
        _verify(event)


@pytest.mark.parametrize("attempt", ["", "x", "-1", "1.5", "9" * 19, "٣", None, 7])
def test_a_foreign_attempt_number_is_no_fault(attempt: Any) -> None:
    about = {"id": "cs_1", "object": "checkout.session", "metadata": {"attempt": attempt}}
    assert _verify(_event(data={"object": about})).attempt_id == (7 if attempt == 7 else None)


def test_an_event_is_remembered_once_without_who_it_is_about(db: Database) -> None:
    facts = _verify(_event())
    with transaction(db) as session:
        assert inbox.remember(session, facts, None, NOW) is True
        assert inbox.remember(session, facts, None, NOW) is False
    with reading(db) as session:
        row = session.scalars(select(StripeEvent)).one()
        kept = {column.name: getattr(row, column.name) for column in StripeEvent.__table__.columns}
    assert kept == {
        "id": "evt_1",
        "type": "checkout.session.completed",
        "object_id": "cs_test_1",
        "livemode": False,
        "account": None,
        "created_at": NOW.astimezone(UTC),
        "received_at": NOW,
        "attempt_id": None,
    }

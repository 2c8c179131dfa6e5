"""Webhook events: verified, put into our words, and remembered once. An event is a hint, never state."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import stripe
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.kernel.errors import BadInput
from app.kernel.ready import Ready
from app.kernel.schema import table
from app.kernel.upsert import insert_for
from app.payments.facts import EventFacts
from app.payments.models import StripeEvent

TOLERANCE = 300  # seconds that a signature may be old
SKEW = 30  # seconds that Stripe's clock may be ahead of ours
LATELY, _SAMPLE = timedelta(minutes=10), 20  # messages
_EVENTS = table(StripeEvent).c
_REMEMBER = {  # by dialect
    dialect: Ready(
        insert_for(dialect, StripeEvent)
        .values(**{name: bindparam(name) for name in _EVENTS.keys()})  # noqa: SIM118 - of columns, which are no dict
        .on_conflict_do_nothing()
        .returning(_EVENTS.id)
    )
    for dialect in ("sqlite", "postgresql")
}


class BadSignature(BadInput):
    """The event was not signed by Stripe, or too long ago."""

    status, code, title = 400, "bad-signature", "Bad signature"


def verify(payload: bytes, header: str, secrets: Sequence[str], now: datetime) -> EventFacts:
    """The event in a webhook's raw body; BadSignature unless one of the secrets signed it just now."""
    if not any(_signed(payload, header, secret) for secret in secrets) or not _fresh(header, now):
        raise BadSignature("This message was not signed with our webhook secret within the last five minutes.")
    try:
        return _facts(json.loads(payload))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError, RecursionError) as fault:
        raise BadSignature("This is not an event that we understand.") from fault


def remember(session: Session, event: EventFacts, attempt_id: int | None, now: datetime) -> bool:
    """Store an event; False when it came before. `attempt_id` is empty for what is not ours or not known yet."""
    return bool(
        _REMEMBER[session.get_bind().dialect.name].rows(
            session,
            id=event.id,
            type=event.type,
            object_id=event.object_id,
            livemode=event.livemode,
            account=event.account,
            created_at=event.created_at,
            received_at=now,
            attempt_id=attempt_id,
        )
    )


def delay(session: Session, now: datetime) -> float | None:
    """Seconds that Stripe's last messages took to come, half of them less; None when there were none lately.

    Stripe says the second in which something happened, so this is right to a second.
    """
    lately = select(StripeEvent.received_at, StripeEvent.created_at).where(StripeEvent.received_at > now - LATELY)
    newest = lately.order_by(StripeEvent.received_at.desc()).limit(_SAMPLE)
    took = [max(0.0, (came - was).total_seconds()) for came, was in session.execute(newest)]
    return median(took) if took else None


def _signed(payload: bytes, header: str, secret: str) -> bool:
    try:
        # The age is ours to judge, on the shop's clock.
        return bool(stripe.WebhookSignature.verify_header(payload.decode(), header, secret, tolerance=None))
    except (stripe.SignatureVerificationError, ValueError, TypeError):  # also bytes that are no text, signatures that are no ASCII
        return False


def _fresh(header: str, now: datetime) -> bool:
    signed = re.match(r"t=(\d{1,12})(?:,|$)", header)
    return signed is not None and -SKEW <= now.timestamp() - int(signed[1]) <= TOLERANCE


def _facts(event: dict[str, Any]) -> EventFacts:
    about = event["data"]["object"]
    metadata = about.get("metadata") or {}
    attempt = str(metadata.get("attempt", ""))
    is_session, is_intent = about["object"] == "checkout.session", about["object"] == "payment_intent"
    return EventFacts(
        id=_text(event["id"]),
        type=_text(event["type"]),
        created_at=datetime.fromtimestamp(event["created"], UTC),
        livemode=bool(event["livemode"]),
        account=_text(event["account"]) if event.get("account") else None,
        object_id=_text(about.get("id", "")),
        shop=metadata.get("shop"),
        attempt_id=int(attempt) if re.fullmatch(r"[0-9]{1,18}", attempt) else None,
        session_id=_text(about["id"]) if is_session else None,
        intent_id=_text(about["id"]) if is_intent else _reference(about.get("payment_intent")),
    )


def _text(value: object) -> str:
    """An id or a word of Stripe's; ValueError for anything else, lone surrogates included."""
    if not isinstance(value, str):
        raise ValueError(f"{type(value).__name__} where text belongs")  # noqa: TRY004 - one kind of fault for one kind of refusal
    value.encode()
    return value[:255]


def _reference(value: object) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return None if found is None else _text(found)

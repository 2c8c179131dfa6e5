"""Send a wanted attempt to Stripe and note the session; the worker repeats it with the same key until it is clear."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.checkout.requests import expires_at
from app.checkout.settle import settle
from app.inventory import holds
from app.inventory.states import LIVE
from app.kernel import throttle
from app.kernel.clock import Clock
from app.kernel.db import Database, transaction
from app.kernel.errors import Unavailable
from app.payments import attempts
from app.payments.facts import SessionFacts
from app.payments.gateway import Gateway, StripeBusy, StripeRefused, StripeUnclear
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING, AttemptState

SEND = "attempt.send"
SESSIONS_PER_SECOND = 20  # Stripe's own limit for this call is 25
_SECOND = timedelta(seconds=1)
REPLAY_WITHIN = timedelta(hours=23)  # Stripe keeps idempotency keys for at least 24


@dataclass(frozen=True)
class _Letter:
    key: str
    request: dict[str, Any]
    shop: str
    sent_at: datetime
    look_first: bool


def send(db: Database, gateway: Gateway, clock: Clock, attempt_id: int) -> str | None:
    """Make the session of an attempt, or find the one that an unclear earlier call made; Stripe's address of it.

    None while that is not clear yet; Unavailable when Stripe refused, which changes nothing for the hold. StripeBusy when all
    processes together ask too often already: nothing was sent, the same call may be made again in a second.
    """
    with transaction(db) as session:
        letter, url = _seal(session, attempt_id, clock.now())
        if letter is not None and throttle.hit(session, "stripe.sessions", most=SESSIONS_PER_SECOND, per=_SECOND, now=clock.now()):
            raise StripeBusy(f"{SESSIONS_PER_SECOND} sessions were asked for in this second already")
    if letter is None:
        return url
    try:
        facts = _ask(gateway, letter, clock.now())
    except StripeRefused as refusal:
        with transaction(db) as session:
            _note(session, attempt_id, AttemptState.FAILED, str(refusal), clock.now())
        raise Unavailable(
            "Stripe would not prepare the payment. Your copies are still held; please try again.", retry_after=5
        ) from refusal
    except (StripeBusy, StripeUnclear) as trouble:
        with transaction(db) as session:
            _note(session, attempt_id, AttemptState.UNKNOWN, str(trouble), clock.now())
        return None
    with transaction(db) as session:
        return _note_session(session, attempt_id, facts, clock.now())


def _seal(session: Session, attempt_id: int, now: datetime) -> tuple[_Letter | None, str | None]:
    """Fix the request for ever at its first sending, so that every repetition is the same to the letter."""
    found = session.get(CheckoutAttempt, attempt_id)
    hold = holds.locked(session, found.hold_id) if found else None
    attempt = attempts.locked(session, attempt_id)
    if hold is None or attempt is None or attempt.state not in {AttemptState.WANTED, AttemptState.UNKNOWN}:
        return None, attempt.url if attempt else None
    if attempt.sent_at is None:
        if hold.state not in LIVE or hold.expires_at <= now:
            attempts.move(attempt, AttemptState.FAILED, now, "the hold ended before Stripe was asked")
            return None, None
        attempt.request = {**attempt.request, "expires_at": expires_at(hold.expires_at, now)}
        attempt.sent_at = now
        look_first = False
    else:
        look_first = attempt.state is AttemptState.UNKNOWN
    return _Letter(attempt.idempotency_key, attempt.request, attempt.request["metadata"]["shop"], attempt.sent_at, look_first), None


def _ask(gateway: Gateway, letter: _Letter, now: datetime) -> SessionFacts:
    """The session that an earlier, unclear call made, else a new one under the same key."""
    if letter.look_first:
        found = gateway.find_session(letter.key, letter.shop, letter.sent_at - timedelta(minutes=5))
        if found is not None:
            return found
    if now - letter.sent_at > REPLAY_WITHIN:
        raise StripeRefused("never made, and too old to ask again", None)
    return gateway.create_session(letter.request, letter.key)


def _note(session: Session, attempt_id: int, state: AttemptState, error: str, now: datetime) -> None:
    attempt = attempts.locked(session, attempt_id)
    if attempt is not None and attempt.state in {AttemptState.WANTED, AttemptState.UNKNOWN}:
        attempts.move(attempt, state, now, error[:500])


def _note_session(session: Session, attempt_id: int, facts: SessionFacts, now: datetime) -> str | None:
    """Keep the session; a webhook may have settled it before our call came back."""
    settle(session, attempt_id, facts, now)
    attempt = session.get_one(CheckoutAttempt, attempt_id)
    return attempt.url if attempt.state in PENDING else None

"""Send a wanted attempt to Stripe and note the session; the worker repeats it with the same key until it is clear."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.checkout import line
from app.checkout.requests import MARGIN, asked_again, expires_at
from app.checkout.settle import nothing_made, settle
from app.inventory import holds
from app.inventory.models import Hold
from app.inventory.states import LIVE, HoldState
from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, transaction
from app.kernel.errors import Unavailable
from app.kernel.money import Money
from app.payments import attempts, outages
from app.payments.facts import SessionFacts
from app.payments.gateway import Gateway, StripeAway, StripeRefused, StripeUnclear
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING, AttemptState

SEND = "attempt.send"
REPLAY_WITHIN = timedelta(hours=23)  # Stripe keeps idempotency keys for at least 24


@dataclass(frozen=True)
class Letter:
    """What is asked of Stripe, the same to the letter however often; `look_first` when it may have been made already."""

    attempt_id: int
    key: str
    request: dict[str, Any]
    sent_at: datetime
    look_first: bool


def enqueue(
    session: Session, attempt: CheckoutAttempt, now: datetime, after: timedelta = timedelta(0), *, if_idle: bool = False
) -> bool:
    """Have an attempt sent by the worker; False when it will be already."""
    about, due = {"attempt": attempt.id}, now + after
    return outbox.enqueue(session, SEND, str(attempt.id), about, now=now, run_at=due, priority=4, if_idle=if_idle)


def send(db: Database, gateway: Gateway, clock: Clock, attempt_id: int) -> str | None:
    """Make the session of an attempt when it is its turn, or find the one that an earlier call made; Stripe's address of it.

    None when there is nothing to send any more. Raises StripeBusy while it is not its turn, and what `deliver` raises.
    """
    with transaction(db) as session:
        letter, url = _take_up(session, attempt_id, clock.now())
    return url if letter is None else deliver(db, gateway, clock, letter)


def seal(attempt: CheckoutAttempt, hold: Hold, now: datetime) -> Letter:
    """Fix the request for ever at its first sending; both are locked."""
    if attempt.sent_at is None:
        attempt.request = {**attempt.request, "expires_at": expires_at(hold.expires_at, now)}
        attempt.sent_at = now
    look_first = attempt.state is AttemptState.UNKNOWN
    return Letter(attempt.id, attempt.idempotency_key, attempt.request, attempt.sent_at, look_first)


def deliver(db: Database, gateway: Gateway, clock: Clock, letter: Letter) -> str | None:
    """Ask Stripe and note the answer; None when it will never make this session, and the hold has another attempt.

    Raises Unavailable when Stripe refused, which changes nothing for the hold; StripeBusy when nothing happened, and
    StripeUnclear when no answer came: either way the same letter is delivered again.
    """
    try:
        facts = _ask(gateway, letter, clock.now())
    except StripeRefused as refusal:
        with transaction(db) as session:
            _note(session, letter.attempt_id, AttemptState.FAILED, str(refusal), clock.now())
        raise Unavailable(
            "Stripe would not prepare the payment. Your copies are still held; please try again.", retry_after=5
        ) from refusal
    except (StripeAway, StripeUnclear) as trouble:  # away perhaps only since the first of two tries, which may have arrived
        with transaction(db) as session:
            _note(session, letter.attempt_id, AttemptState.UNKNOWN, str(trouble), clock.now())
        raise
    with transaction(db) as session:
        if facts is not None:
            return _note_session(session, letter.attempt_id, facts, clock.now())
        _begin_again(session, letter.attempt_id, clock.now())
    return None


def _take_up(session: Session, attempt_id: int, now: datetime) -> tuple[Letter | None, str | None]:
    """What to deliver now; else the address of the session that there is, if any."""
    found = session.get(CheckoutAttempt, attempt_id)
    hold = holds.locked(session, found.hold_id) if found else None
    attempt = attempts.locked(session, attempt_id)
    if hold is None or attempt is None or attempt.state not in {AttemptState.WANTED, AttemptState.UNKNOWN}:
        return None, attempt.url if attempt else None
    if attempt.sent_at is None and (hold.state not in LIVE or hold.expires_at <= now):
        attempts.move(attempt, AttemptState.FAILED, now, "the hold ended before Stripe was asked")
        return None, None
    if outages.away(session):
        raise StripeAway("Stripe is not asked, because it did not answer lately")
    if attempt.sent_at is None:
        line.step_up(session, attempt.id, now)
    else:
        line.ask_once(session, now)
    return seal(attempt, hold, now), None


def _ask(gateway: Gateway, letter: Letter, now: datetime) -> SessionFacts | None:
    """The session that an earlier, unclear call made, else a new one under the same key; None when Stripe will never make it.

    When Stripe answers that it failed, the call is over and the answer is kept under its key: what it did can be seen now.
    A letter that waited long is refused because the session it asks for would be too short; so it was never acted upon.
    """
    if letter.look_first:
        found = _look(gateway, letter)
        if found is not None:
            return found
    if now - letter.sent_at > REPLAY_WITHIN:
        raise StripeRefused("never made, and too old to ask again", None)
    try:
        return gateway.create_session(letter.request, letter.key)
    except StripeRefused:
        if now - letter.sent_at <= MARGIN:
            raise
    except StripeUnclear as fault:
        if not fault.answered:
            raise
    return _look(gateway, letter)


def _look(gateway: Gateway, letter: Letter) -> SessionFacts | None:
    return gateway.find_session(letter.key, letter.request["metadata"]["shop"], letter.sent_at - timedelta(minutes=5))


def _note(session: Session, attempt_id: int, state: AttemptState, error: str, now: datetime) -> None:
    attempt = attempts.locked(session, attempt_id)
    if attempt is not None and attempt.state in {AttemptState.WANTED, AttemptState.UNKNOWN}:
        attempts.move(attempt, state, now, error[:500])


def _begin_again(session: Session, attempt_id: int, now: datetime) -> None:
    """What Stripe keeps under the key of an attempt cannot be had again, so the hold gets another one with a key of its own."""
    nothing_made(session, attempt_id, "Stripe made no session, and never will for this request", now)
    failed = session.get_one(CheckoutAttempt, attempt_id)
    hold = session.get_one(Hold, failed.hold_id)
    if failed.state is not AttemptState.FAILED or hold.state is not HoldState.ACTIVE or hold.expires_at <= now:
        return
    again = attempts.want(session, hold.id, failed.quote, Money(failed.amount, failed.currency), now)
    again.request = asked_again(failed.request, again)
    enqueue(session, again, now, after=timedelta(seconds=min(2 * again.number, 30)))


def _note_session(session: Session, attempt_id: int, facts: SessionFacts, now: datetime) -> str | None:
    """Keep the session; a webhook may have settled it before our call came back. The worker need not try any more."""
    settle(session, attempt_id, facts, now)
    outbox.no_more(session, SEND, str(attempt_id), now)
    attempt = session.get_one(CheckoutAttempt, attempt_id)
    return attempt.url if attempt.state in PENDING else None

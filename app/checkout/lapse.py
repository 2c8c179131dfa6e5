"""End a hold: copies go back at once where Stripe was never asked, otherwise only after Stripe says that nobody can pay."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout.freeze import freeze_one
from app.checkout.settle import nothing_made, settle
from app.inventory import claims, holds
from app.inventory.models import Hold
from app.inventory.states import LIVE, HoldState
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import HoldLapsed, Paying
from app.payments import attempts
from app.payments.gateway import Gateway, StripeRefused, StripeUnclear
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING, AttemptState

LAPSE = "hold.lapse"
CLOCK_SKEW = timedelta(minutes=5)  # between us and Stripe, generously


def lapse(db: Database, gateway: Gateway, clock: Clock, hold_id: int) -> None:
    """Lapse a hold whose time is over. Raises StripeTrouble when Stripe is silent: wait and retry, never put back blindly."""
    with transaction(db) as session:
        hold = holds.locked(session, hold_id)
        if hold is None or hold.state not in LIVE or hold.expires_at > clock.now():
            return
        if freeze_one(session, hold, clock.now()) and hold.expires_at > clock.now():
            return
        attempt_id = _close(session, hold, clock.now())
    if attempt_id is not None:
        _end_session(db, gateway, clock, attempt_id)


def put_back(session: Session, hold_id: int, now: datetime) -> list[int]:
    """The fan puts their copies back; their numbers. Raises Paying while a payment is open, HoldLapsed when it is over."""
    hold = holds.locked(session, hold_id)
    if hold is None or hold.state is not HoldState.ACTIVE:
        raise HoldLapsed("This hold is over already, so there is nothing to put back.", hold=hold)
    if attempts.pending(session, hold.id):
        raise Paying("You are paying for this hold. Stop the payment first, then put it back.", hold=hold)
    return holds.put_back(session, hold, now, claims.FAN, "put back by the fan")


def stop_paying(db: Database, gateway: Gateway, clock: Clock, attempt_id: int) -> None:
    """Expire an open session at the fan's wish; if it was paid in that moment, the payment stands. Raises StripeTrouble."""
    _end_session(db, gateway, clock, attempt_id)


def pending_attempt(db: Database, hold_id: int) -> int | None:
    """The attempt of a hold that may still be paid, by its id."""
    with reading(db) as session:
        attempt = attempts.pending(session, hold_id)
        return attempt.id if attempt else None


def overdue(session: Session, now: datetime, *, limit: int = 50) -> list[int]:
    """Holds whose time is over and that are still live, oldest first."""
    late = select(Hold.id).where(holds.live(), Hold.expires_at <= now).order_by(Hold.expires_at).limit(limit)
    return list(session.scalars(late))


def _close(session: Session, hold: Hold, now: datetime) -> int | None:
    """Put back at once if nobody can pay, else stop new payments; the attempt that Stripe must be asked about."""
    attempt = attempts.pending(session, hold.id)
    if attempt is not None and attempt.sent_at is None:
        attempts.move(attempt, AttemptState.FAILED, now, "the hold ended before Stripe was asked")
        attempt = None
    if attempt is None:
        holds.put_back(session, hold, now, claims.MACHINE, "lapsed")
        return None
    if hold.state is HoldState.ACTIVE:
        holds.begin_closing(hold)
    return attempt.id


def _end_session(db: Database, gateway: Gateway, clock: Clock, attempt_id: int) -> None:
    with transaction(db) as session:
        found = session.get_one(CheckoutAttempt, attempt_id)
        holds.locked(session, found.hold_id)
        attempt = attempts.locked(session, attempt_id)
        if attempt is None or attempt.state not in PENDING:
            return
        if attempt.sent_at is None:
            attempts.move(attempt, AttemptState.FAILED, clock.now(), "stopped before Stripe was asked")
            return
        session_id, sent_at = attempt.session_id, attempt.sent_at
        request, key = attempt.request, attempt.idempotency_key
    if session_id is None:
        session_id = _find_or_make(gateway, request, key, sent_at, clock.now())
    facts = gateway.expire_session(session_id) if session_id else None
    with transaction(db) as session:
        if facts is not None:
            settle(session, attempt_id, facts, clock.now())
        else:
            nothing_made(session, attempt_id, "Stripe made no session", clock.now())


def _find_or_make(gateway: Gateway, request: dict[str, Any], key: str, sent_at: datetime, now: datetime) -> str | None:
    """The session of an unclear call; None when it is certain that there is none that could be paid.

    Asking again with the same key is what makes it certain: Stripe answers with the session it made, makes it now (so that
    it can be expired), refuses, or says that it failed and keeps that answer: the call is over, and what it did can be seen.
    A silence ends with the life that the session would have had.
    """
    shop, since = request["metadata"]["shop"], sent_at - CLOCK_SKEW
    found = gateway.find_session(key, shop, since)
    if found is not None:
        return found.session_id
    if now.timestamp() > request["expires_at"] + CLOCK_SKEW.total_seconds():
        return None
    try:
        return gateway.create_session(request, key).session_id
    except StripeRefused:
        return None
    except StripeUnclear as fault:
        if not fault.answered:
            raise
    found = gateway.find_session(key, shop, since)
    return found.session_id if found else None

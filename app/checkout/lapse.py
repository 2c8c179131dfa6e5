"""End a hold: copies go back at once where Stripe was never asked, otherwise only after Stripe says that nobody can pay."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout.settle import settle
from app.inventory import claims, holds
from app.inventory.models import Hold
from app.inventory.states import LIVE, HoldState
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import HoldLapsed, Paying
from app.payments import attempts
from app.payments.gateway import Gateway, StripeTrouble
from app.payments.models import CheckoutAttempt
from app.payments.states import PENDING, AttemptState

LAPSE = "hold.lapse"


def lapse(db: Database, gateway: Gateway, clock: Clock, hold_id: int) -> None:
    """Lapse a hold whose time is over. Raises StripeTrouble when Stripe is silent: wait and retry, never put back blindly."""
    with transaction(db) as session:
        hold = holds.locked(session, hold_id)
        if hold is None or hold.state not in LIVE or hold.expires_at > clock.now():
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
        session_id, shop, sent_at = attempt.session_id, attempt.request["metadata"]["shop"], attempt.sent_at
    if session_id is None:  # the call that made it is unclear: find what it made
        facts = gateway.find_session(attempt_id, shop, sent_at)
        if facts is None:
            raise StripeTrouble("it is not clear yet whether Stripe made a session")
        session_id = facts.session_id
    facts = gateway.expire_session(session_id)
    with transaction(db) as session:
        settle(session, attempt_id, facts, clock.now())

"""Checkout attempts: making them, noting what came of them, finding them again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.kernel.ready import Ready
from app.kernel.schema import is_one_of, table
from app.payments.facts import EventFacts, SessionFacts, SessionRecord
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import PENDING, AttemptState, PaymentState, check_attempt

_ATTEMPTS = table(CheckoutAttempt).c
_PENDING_OF = Ready(select(_ATTEMPTS.id).where(_ATTEMPTS.hold_id == bindparam("hold"), is_one_of(_ATTEMPTS.state, *PENDING)))
_PAYMENTS = table(Payment).c
_OF_ID = Ready(select(_ATTEMPTS.hold_id, _ATTEMPTS.session_id, _ATTEMPTS.id).where(_ATTEMPTS.id == bindparam("attempt")))
_OF_SESSION = Ready(select(_ATTEMPTS.id).where(_ATTEMPTS.session_id == bindparam("session_id")))
_OF_INTENT = Ready(select(_PAYMENTS.attempt_id).where(_PAYMENTS.intent_id == bindparam("intent")))
_PAID = Ready(select(_PAYMENTS.id).where(_PAYMENTS.attempt_id == bindparam("attempt")))
_CAPTURED = Ready(
    select(_PAYMENTS.id).where(_PAYMENTS.attempt_id == bindparam("attempt"), is_one_of(_PAYMENTS.state, PaymentState.CAPTURED))
)
_EARLIER = Ready(select(func.count()).where(_ATTEMPTS.hold_id == bindparam("hold")))


def pending(session: Session, hold_id: int) -> CheckoutAttempt | None:
    """The attempt of a hold that may still be paid."""
    if not is_pending(session, hold_id):
        return None  # most often, and this is found out without a mapped object
    return session.scalar(
        select(CheckoutAttempt).where(CheckoutAttempt.hold_id == hold_id, is_one_of(CheckoutAttempt.state, *PENDING))
    )


def is_pending(session: Session, hold_id: int) -> bool:
    """Has a hold an attempt that may still be paid?"""
    session.flush()
    return bool(_PENDING_OF.rows(session, hold=hold_id))


def being_paid(hold_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that the hold in this column has an attempt that may still be paid."""
    return exists().where(_ATTEMPTS.hold_id == hold_id, is_one_of(_ATTEMPTS.state, *PENDING))


def locked(session: Session, attempt_id: int) -> CheckoutAttempt | None:
    """The attempt, locked and read after locking."""
    return session.get(CheckoutAttempt, attempt_id, with_for_update=True, populate_existing=True)


def hold_of(session: Session, attempt_id: int) -> int | None:
    """The hold that an attempt is for."""
    found = _OF_ID.rows(session, attempt=attempt_id)
    return int(found[0][0]) if found else None


def session_of(session: Session, attempt_id: int) -> str | None:
    """Stripe's id of an attempt's session, when it has one."""
    found = _OF_ID.rows(session, attempt=attempt_id)
    return found[0][1] if found else None


def want(session: Session, hold_id: int, quote: dict[str, Any], due: Money, now: datetime) -> CheckoutAttempt:
    """A new attempt; its idempotency key is derived from its row, so a crash cannot make two sessions."""
    earlier = _earlier(session, hold_id)
    attempt = CheckoutAttempt(
        hold_id=hold_id,
        number=earlier + 1,
        idempotency_key=f"session:{hold_id}:{earlier + 1}:{int(now.timestamp())}",
        request={},
        quote=quote,
        amount=due.amount,
        currency=due.currency,
        state=AttemptState.WANTED,
        created_at=now,
    )
    session.add(attempt)
    session.flush()
    return attempt


def _earlier(session: Session, hold_id: int) -> int:
    session.flush()
    return int(_EARLIER.rows(session, hold=hold_id)[0][0])


def of_key(session: Session, key: str) -> CheckoutAttempt | None:
    """The attempt with an idempotency key."""
    return session.scalar(select(CheckoutAttempt).where(CheckoutAttempt.idempotency_key == key))


def again(
    session: Session, attempt_id: int | None, hold_id: int, quote: dict[str, Any], due: Money, record: SessionRecord
) -> CheckoutAttempt:
    """An attempt that was lost with the database and that Stripe still knows, under the id that it had."""
    attempt = CheckoutAttempt(
        id=attempt_id,
        hold_id=hold_id,
        number=_earlier(session, hold_id) + 1,
        idempotency_key=record.facts.attempt_key,
        request={"metadata": record.metadata},
        quote=quote,
        amount=due.amount,
        currency=due.currency,
        state=AttemptState.OPEN,
        session_id=record.facts.session_id,
        session_expires_at=record.facts.expires_at,
        created_at=record.created_at,
        sent_at=record.created_at,
    )
    session.add(attempt)
    session.flush()
    return attempt


def move(attempt: CheckoutAttempt, state: AttemptState, now: datetime, error: str | None = None) -> None:
    """Go to another state, forward only; to stay is no move."""
    if attempt.state is not state:
        check_attempt(attempt.state, state)
        attempt.state = state
        attempt.ended_at = None if state in PENDING else now
    attempt.last_error = error


def note_session(attempt: CheckoutAttempt, facts: SessionFacts, now: datetime) -> None:
    """Keep the session that Stripe made for this attempt; an event may have told us before the call did."""
    attempt.session_id, attempt.session_expires_at = facts.session_id, facts.expires_at
    attempt.url = facts.url or attempt.url
    if attempt.state in {AttemptState.WANTED, AttemptState.UNKNOWN}:
        move(attempt, AttemptState.OPEN, now)


def of_event(session: Session, event: EventFacts, shop: str) -> int | None:
    """The id of the attempt that an event is about; None when the object is another application's."""
    if event.shop == shop and event.attempt_id is not None:
        found = _OF_ID.rows(session, attempt=event.attempt_id)
    elif event.session_id:
        found = _OF_SESSION.rows(session, session_id=event.session_id)
    elif event.intent_id:
        found = _OF_INTENT.rows(session, intent=event.intent_id)
    else:
        return None
    return int(found[0][-1]) if found else None


def is_captured(session: Session, attempt_id: int) -> bool:
    """Is the money of an attempt ours, as far as our books say?"""
    return bool(_CAPTURED.rows(session, attempt=attempt_id))


def payment_of(session: Session, attempt_id: int) -> Payment | None:
    """The payment that an attempt brought, locked and read after locking."""
    session.flush()
    if not _PAID.rows(session, attempt=attempt_id):
        return None
    mine = select(Payment).where(Payment.attempt_id == attempt_id).with_for_update()
    return session.scalar(mine, execution_options={"populate_existing": True})

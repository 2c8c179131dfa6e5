"""Ask Stripe how an attempt stands and settle it; webhook, way back and poller are all hints for this."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.checkout.send import enqueue
from app.checkout.settle import CAPTURE, VOID, settle
from app.inventory.models import Hold
from app.inventory.states import LIVE
from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, glance, transaction
from app.payments import attempts, inbox
from app.payments.facts import EventFacts
from app.payments.gateway import Gateway
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import PENDING, AttemptState, PaymentState

SYNC, FOLLOW_UP = "attempt.sync", "payment.follow_up"
AFTERWARDS = ("refund.", "charge.")  # events about money that was taken
CAPTURED = "payment_intent.succeeded"
OWN_ANSWER = timedelta(seconds=5)  # in which what we asked for ourselves has come back and is written down
POLL_AFTER = timedelta(seconds=30)


def sync(
    db: Database, gateway: Gateway, clock: Clock, attempt_id: int, session_id: str | None = None, *, unless_captured: bool = False
) -> None:
    """Settle an attempt with what Stripe says now; `session_id` helps while our own call has not come back.

    With `unless_captured` Stripe is not asked when its money is in our books by now. Raises StripeTrouble when Stripe does not
    answer; the hint is then tried again.
    """
    with glance(db) as session:
        found = attempts.session_of(session, attempt_id) or session_id
        if unless_captured and attempts.is_captured(session, attempt_id):
            return
    if found is None:
        return  # nothing was made yet; attempt.send takes care of it
    facts = gateway.fetch_session(found)
    with transaction(db) as session:
        settle(session, attempt_id, facts, clock.now())


def hear(session: Session, event: EventFacts, shop: str, now: datetime, *, live: bool) -> bool:
    """Remember an event and the sync it causes, in one transaction; False when it is old news or not ours."""
    attempt_id = attempts.of_event(session, event, shop) if event.livemode == live else None
    if not inbox.remember(session, event, attempt_id, now) or attempt_id is None:
        return False
    if event.type.startswith(AFTERWARDS):
        return hint_money(session, attempt_id, now, cause=event.id)
    if event.type == CAPTURED:
        return _hint_unless_captured(session, attempt_id, event.session_id, now)
    return hint(session, attempt_id, now, session_id=event.session_id)


def _hint_unless_captured(session: Session, attempt_id: int, session_id: str | None, now: datetime) -> bool:
    """Most captures are our own, and their answer is on the way: asking Stripe again for each would halve what it lets us ask."""
    if attempts.is_captured(session, attempt_id):
        return False
    payload = {"attempt": attempt_id, "session": session_id, "unless_captured": True}
    return outbox.enqueue(session, SYNC, f"{attempt_id}:captured", payload, now=now, run_at=now + OWN_ANSWER, priority=5)


def hint(session: Session, attempt_id: int, now: datetime, session_id: str | None = None, *, if_idle: bool = False) -> bool:
    """Have an attempt synced soon; hints that come while one waits coalesce, those without news also while one is under way."""
    payload = {"attempt": attempt_id, "session": session_id}
    return outbox.enqueue(session, SYNC, str(attempt_id), payload, now=now, priority=5, if_idle=if_idle)


def hint_money(session: Session, attempt_id: int, now: datetime, cause: str) -> bool:
    """Have the refunds and disputes of an attempt's money followed up soon; hints that come while one waits coalesce."""
    payload = {"attempt": attempt_id, "cause": cause}
    return outbox.enqueue(session, FOLLOW_UP, str(attempt_id), payload, now=now, priority=5)


def poll(session: Session, now: datetime, *, limit: int = 50) -> int:
    """Hints for everything that should have been heard of by now; how many. It heals a webhook that never came."""
    before = now - POLL_AFTER
    unclear = select(CheckoutAttempt).where(
        CheckoutAttempt.state.in_(PENDING), CheckoutAttempt.session_id.is_(None), CheckoutAttempt.created_at < before
    )
    found = [
        enqueue(session, attempt, now, if_idle=True) for attempt in session.scalars(unclear.order_by(func.random()).limit(limit))
    ]
    waiting = (
        select(CheckoutAttempt.id)
        .join(Hold, Hold.id == CheckoutAttempt.hold_id)
        .where(
            CheckoutAttempt.state.in_(PENDING),
            CheckoutAttempt.session_id.is_not(None),
            CheckoutAttempt.sent_at < before,
            or_(Hold.state.in_(LIVE), CheckoutAttempt.state == AttemptState.OPEN),
        )
        .order_by(func.random())  # so that the first fifty do not keep the others waiting
        .limit(limit)
    )
    found += [hint(session, attempt_id, now, if_idle=True) for attempt_id in session.scalars(waiting)]
    stuck = select(Payment).where(Payment.state == PaymentState.AUTHORISED, Payment.authorised_at < before).limit(limit)
    for payment in session.scalars(stuck):
        kind, priority = (CAPTURE, 1) if payment.void_reason is None else (VOID, 2)
        about = {"payment": payment.id}
        found.append(outbox.enqueue(session, kind, str(payment.id), about, now=now, priority=priority, if_idle=True))
    return sum(found)

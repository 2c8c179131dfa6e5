"""Refunds as rows: wanted with a key of their own, then moved forward to wherever Stripe says they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.payments.facts import RefundFacts
from app.payments.models import Fate, Payment, Refund, RefundOrigin, RefundPart
from app.payments.states import FELL_THROUGH, GONE, REFUND_MOVES, RefundState, check_refund

_UNDER_WAY = (RefundState.PROPOSED, RefundState.WANTED, RefundState.PENDING)


@dataclass(frozen=True)
class Asked:
    """Who wants a refund, and why: at the desk with `staff_id`; in Stripe's dashboard with the event or poll that told us."""

    origin: RefundOrigin
    reason: str = ""
    staff_id: int | None = None
    cause: str = ""


def want(
    session: Session,
    payment: Payment,
    parts: Sequence[RefundPart],
    asked: Asked,
    now: datetime,
    *,
    state: RefundState = RefundState.WANTED,
) -> Refund:
    """A new refund of what its parts add up to; the caller has locked the payment and seen that so much is left."""
    earlier = session.scalar(select(func.count(Refund.id)).where(Refund.payment_id == payment.id)) or 0
    return _add(session, payment, parts, asked, now, state, key=f"refund:{payment.id}:{earlier + 1}:{int(now.timestamp())}")


def follow_copy(session: Session, before: int, after: int) -> None:
    """A copy stands for another in its order: what went back, or may go back, for the one that the fan keeps is for the new one."""
    kept = update(RefundPart).where(RefundPart.copy_id == before, RefundPart.fate == Fate.KEPT)
    session.execute(kept.values(copy_id=after))


def from_elsewhere(
    session: Session, payment: Payment, parts: Sequence[RefundPart], facts: RefundFacts, now: datetime, cause: str
) -> Refund:
    """A refund that somebody made in Stripe's dashboard."""
    asked = Asked(RefundOrigin.DASHBOARD, cause=cause)
    refund = _add(session, payment, parts, asked, facts.created_at, RefundState.WANTED, key=facts.refund_id)
    follow(refund, facts, now)
    return refund


def proposed(session: Session, payment: Payment) -> Sequence[Refund]:
    """Those of a payment that wait for a second person."""
    return session.scalars(select(Refund).where(Refund.payment_id == payment.id, Refund.state == RefundState.PROPOSED)).all()


def given_after(session: Session, refund: Refund) -> Sequence[Refund]:
    """Those of the same payment that came later and went back, or are on their way."""
    later = select(Refund).where(Refund.payment_id == refund.payment_id, Refund.id > refund.id)
    return session.scalars(later.where(Refund.state.in_((RefundState.WANTED, *GONE)))).all()


def find(session: Session, payment: Payment, facts: RefundFacts) -> Refund | None:
    """The row of a refund at Stripe: by its id, else by the key that our own call gave it."""
    mine = select(Refund).where(Refund.payment_id == payment.id)
    known = session.scalar(mine.where(Refund.stripe_id == facts.refund_id))
    if known is not None or not facts.key:
        return known
    return session.scalar(mine.where(Refund.idempotency_key == facts.key, Refund.stripe_id.is_(None)))


def follow(refund: Refund, facts: RefundFacts, now: datetime) -> None:
    """Move a refund to where Stripe says that it is, forward only."""
    refund.stripe_id = facts.refund_id
    if facts.state in REFUND_MOVES[refund.state]:
        move(refund, facts.state, now, facts.failure)


def move(refund: Refund, state: RefundState, now: datetime, failure: str = "") -> None:
    """Go to another state; why it fell through, or how it was paid back instead, stays with it."""
    check_refund(refund.state, state)
    refund.state = state
    refund.ended_at = None if state in _UNDER_WAY else now
    if failure or state in FELL_THROUGH:
        refund.failure = failure or state.value


def _add(
    session: Session,
    payment: Payment,
    parts: Sequence[RefundPart],
    asked: Asked,
    now: datetime,
    state: RefundState,
    *,
    key: str,
) -> Refund:
    refund = Refund(
        payment_id=payment.id,
        order_id=payment.order_id,
        stripe_account=payment.stripe_account,
        idempotency_key=key,
        origin=asked.origin,
        state=state,
        amount=sum(part.amount for part in parts),
        currency=payment.currency,
        reason=asked.reason,
        cause=asked.cause,
        asked_by=asked.staff_id,
        created_at=now,
        parts=list(parts),
    )
    session.add(refund)
    session.flush()
    return refund

"""Disputes as rows: they begin at a fan's bank, and follow what Stripe says of them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.payments.facts import DisputeFacts
from app.payments.models import Dispute, Payment
from app.payments.states import CLOSED, DISPUTE_MOVES, DisputeState


def follow(session: Session, payment: Payment, facts: DisputeFacts, now: datetime, cause: str) -> Dispute:
    """The row of a dispute, made or moved forward to where Stripe says that it is; the caller has locked the payment."""
    dispute = find(session, facts)
    if dispute is None:
        dispute = _made(payment, facts, now, cause)
        session.add(dispute)
    elif facts.state in DISPUTE_MOVES[dispute.state]:
        dispute.state, dispute.closed_at = facts.state, _closed(facts.state, now)
    dispute.evidence_due_by, dispute.amount = facts.due_by, facts.amount
    session.flush()
    return dispute


def find(session: Session, facts: DisputeFacts) -> Dispute | None:
    """The row of a dispute, if we have heard of it."""
    return session.scalar(select(Dispute).where(Dispute.stripe_id == facts.dispute_id))


def _made(payment: Payment, facts: DisputeFacts, now: datetime, cause: str) -> Dispute:
    return Dispute(
        payment_id=payment.id,
        stripe_id=facts.dispute_id,
        stripe_account=payment.stripe_account,
        state=facts.state,
        amount=facts.amount,
        currency=facts.currency,
        reason=facts.reason,
        cause=cause,
        evidence_due_by=facts.due_by,
        opened_at=facts.opened_at,
        heard_at=now,
        closed_at=_closed(facts.state, now),
    )


def _closed(state: DisputeState, now: datetime) -> datetime | None:
    return now if state in CLOSED else None

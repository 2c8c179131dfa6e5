"""Fees as rows: noted once each, and asked for until they are known."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.payments.facts import FeeFacts
from app.payments.fee_models import FeeWanted, PaymentFee
from app.payments.models import Dispute, Payment

AGAIN = timedelta(hours=6)  # after Stripe did not know it yet
QUIET = timedelta(minutes=10)  # after the money was taken: in a rush Stripe has better things to do


def want(session: Session, payment: Payment) -> None:
    """Have the fee of a payment that was just taken asked for."""
    session.add(FeeWanted(payment_id=payment.id))


def note(
    session: Session, payment: Payment, facts: FeeFacts, now: datetime, *, whole: int, dispute: Dispute | None = None
) -> PaymentFee | None:
    """Write a fee down; None when it is known already. `whole` is what was moved, in the payment's currency.

    The caller has locked the payment.
    """
    if session.scalar(select(PaymentFee.id).where(PaymentFee.stripe_id == facts.stripe_id)) is not None:
        return None
    fee = PaymentFee(
        payment_id=payment.id,
        dispute_id=dispute.id if dispute else None,
        stripe_id=facts.stripe_id,
        amount=in_own_currency(facts, whole, payment.currency),
        kept=facts.kept,
        kept_currency=facts.currency,
        at=facts.at,
        noted_at=now,
    )
    session.add(fee)
    session.flush()
    return fee


def known(session: Session, payment_id: int) -> None:
    """The fee of a payment need not be asked for any more."""
    session.execute(delete(FeeWanted).where(FeeWanted.payment_id == payment_id))


def in_own_currency(facts: FeeFacts, whole: int, currency: str) -> int:
    """A fee in the payment's minor units: as it is, or as large a part of the whole as Stripe kept of what was moved."""
    if facts.currency == currency or not facts.moved:
        return facts.kept
    numerator, denominator = facts.kept * abs(whole), abs(facts.moved)
    return (2 * numerator + denominator) // (2 * denominator)


def unknown(session: Session, now: datetime, limit: int) -> list[int]:
    """Payments whose fee should be asked for now, those first that were never asked for."""
    due = or_(FeeWanted.asked_at.is_(None), FeeWanted.asked_at < now - AGAIN)
    wanted = select(FeeWanted.payment_id).join(Payment).where(due, Payment.ended_at < now - QUIET)
    return list(session.scalars(wanted.order_by(FeeWanted.tries, FeeWanted.payment_id).limit(limit)))


def asked(session: Session, payment_id: int, now: datetime) -> None:
    """Stripe was asked, and did not know it."""
    wanted = session.get(FeeWanted, payment_id)
    if wanted is not None:
        wanted.asked_at, wanted.tries = now, wanted.tries + 1

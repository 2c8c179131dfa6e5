"""Look for refunds and disputes that we should have heard of: what is new at Stripe, and what is still open here."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.checkout.money_back import REFUND
from app.checkout.sync import POLL_AFTER, hint_money
from app.kernel import heartbeat, outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.payments.facts import DisputeFacts, RefundFacts
from app.payments.gateway import Gateway
from app.payments.models import Dispute, Payment, Refund
from app.payments.states import CLOSED, DISPUTE_MOVES, REFUND_MOVES, PaymentState, RefundState

LOOK = "money.look"
OVERLAP = timedelta(minutes=15)  # with the look before: Stripe's lists and our clock may be a little apart
FAR_BACK = timedelta(days=30)  # how far the very first look goes
ASK_PENDING, ASK_DISPUTED = timedelta(minutes=10), timedelta(hours=1)
_SEEN = "stripe.money"


def due(session: Session, now: datetime, *, limit: int = 50) -> None:
    """Jobs for what may have been missed; nothing in a shop that has not taken any money yet."""
    if session.scalar(select(Payment.id).where(Payment.state == PaymentState.CAPTURED).limit(1)) is None:
        return
    outbox.enqueue(session, LOOK, "all", {}, now=now, priority=7, if_idle=True)
    lost = select(Refund.id).where(Refund.state == RefundState.WANTED, Refund.created_at < now - POLL_AFTER)
    for refund_id in session.scalars(lost.limit(limit)):
        outbox.enqueue(session, REFUND, str(refund_id), {"refund": refund_id}, now=now, priority=2, if_idle=True)
    for attempt_id in session.scalars(_open(now).limit(limit)):
        hint_money(session, attempt_id, now, cause="poll")


def look(db: Database, gateway: Gateway, clock: Clock) -> None:
    """List what was refunded and disputed since the last look, and follow up what is not here like that."""
    now = clock.now()
    with reading(db) as session:
        age = heartbeat.age(session, _SEEN, now)
    since = now - (FAR_BACK if age is None else timedelta(seconds=age) + OVERLAP)
    refunds, disputes = gateway.refunds("", since=since), gateway.disputes(since=since)
    with transaction(db) as session:
        for attempt_id in news(session, refunds, disputes):
            hint_money(session, attempt_id, now, cause="poll")
        heartbeat.beat(session, _SEEN, now)


def _open(now: datetime) -> Select[int]:
    """Attempts whose money has pending refunds or open disputes, and was not asked about lately."""
    pending = exists().where(Refund.payment_id == Payment.id, Refund.state == RefundState.PENDING)
    disputed = exists().where(Dispute.payment_id == Payment.id, Dispute.state.not_in(CLOSED))
    late = or_(
        and_(pending, or_(Payment.asked_at.is_(None), Payment.asked_at < now - ASK_PENDING)),
        and_(disputed, or_(Payment.asked_at.is_(None), Payment.asked_at < now - ASK_DISPUTED)),
    )
    return select(Payment.attempt_id).where(late).order_by(Payment.asked_at)


def news(session: Session, refunds: Iterable[RefundFacts], disputes: Iterable[DisputeFacts]) -> set[int]:
    """The attempts whose money Stripe knows something of that we do not; what belongs to other shops is passed over."""
    found = set()
    for refund in refunds:
        known = session.scalar(select(Refund).where(Refund.stripe_id == refund.refund_id))
        if known is None or refund.state in REFUND_MOVES[known.state]:
            found.add(refund.intent_id)
    for dispute in disputes:
        mine = session.scalar(select(Dispute).where(Dispute.stripe_id == dispute.dispute_id))
        if mine is None or dispute.state in DISPUTE_MOVES[mine.state]:
            found.add(dispute.intent_id)
    ours = select(Payment.attempt_id).where(Payment.intent_id.in_([intent_id for intent_id in found if intent_id]))
    return set(session.scalars(ours))

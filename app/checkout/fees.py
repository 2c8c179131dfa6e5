"""What Stripe keeps of the money: asked for once a rush is over, and noted with what it falls on.

No capture asks for it along the way: where the key may not look at the account's balance, money is taken all the same.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments import fees, ledger
from app.payments.facts import DisputeFacts, FeeFacts
from app.payments.fee_models import FeePart
from app.payments.gateway import Gateway, StripeRefused
from app.payments.models import Dispute, Payment
from app.payments.spread import spread

FEES = "stripe.fees"
STEP = 50  # payments asked about in one job; at Stripe's pace that is a few seconds


def of_dispute(
    session: Session, payment: Payment, order: Order | None, dispute: Dispute, facts: DisputeFacts, now: datetime
) -> None:
    """What Stripe kept for a dispute, or gave back of that."""
    for fee in facts.fees:
        _note(session, payment, order, fee, now, dispute)


def due(session: Session, now: datetime) -> bool:
    """Have some of the fees asked for that are not known yet."""
    return bool(fees.unknown(session, now, 1)) and outbox.enqueue(session, FEES, "all", {}, now=now, priority=8, if_idle=True)


def ask(db: Database, gateway: Gateway, clock: Clock) -> None:
    """Ask Stripe for some of the fees that are not known yet, one after the other. Raises StripeTrouble when it does not answer."""
    with reading(db) as session:
        wanted = [session.get_one(Payment, payment_id) for payment_id in fees.unknown(session, clock.now(), STEP)]
        disputed = set(session.scalars(select(Dispute.payment_id).where(Dispute.payment_id.in_([each.id for each in wanted]))))
    for payment in wanted:
        fee, disputes = _ask(gateway, payment, disputed=payment.id in disputed)
        with transaction(db) as session:
            _heard(session, payment.id, fee, disputes, clock.now())


def _ask(gateway: Gateway, payment: Payment, *, disputed: bool) -> tuple[FeeFacts | None, list[DisputeFacts]]:
    """What Stripe says; a payment that it does not know (another account's, a restored shop's) keeps nobody waiting."""
    try:
        fee = gateway.fetch_fee(payment.intent_id).fee
    except StripeRefused as no:
        if no.code != "resource_missing":
            raise
        return None, []
    return fee, gateway.disputes(intent_id=payment.intent_id) if disputed else []


def _heard(session: Session, payment_id: int, fee: FeeFacts | None, disputes: list[DisputeFacts], now: datetime) -> None:
    payment = ledger.locked(session, payment_id)
    order = session.get_one(Order, payment.order_id) if payment.order_id is not None else None
    for facts in disputes:
        dispute = session.scalar(select(Dispute).where(Dispute.stripe_id == facts.dispute_id))
        if dispute is not None:
            of_dispute(session, payment, order, dispute, facts, now)
    if fee is None:
        fees.asked(session, payment_id, now)
    else:
        _note(session, payment, order, fee, now)
        fees.known(session, payment_id)


def _note(
    session: Session, payment: Payment, order: Order | None, facts: FeeFacts, now: datetime, dispute: Dispute | None = None
) -> None:
    """A fee and its parts: it falls on what was paid for, in proportion."""
    whole = dispute.amount if dispute else payment.amount
    fee = fees.note(session, payment, facts, now, whole=whole, dispute=dispute)
    if fee is None or order is None:
        return
    costs = [line.quantity * line.unit_amount for line in order.lines]
    parts = spread(fee.amount, [*costs, order.postage_amount])
    session.add_all(
        FeePart(fee_id=fee.id, order_line_id=line.id, amount=part) for line, part in zip(order.lines, parts, strict=False) if part
    )
    session.flush()

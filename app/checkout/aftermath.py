"""What happens to money after it was taken: refunds and disputes, brought here from Stripe wherever they were begun."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import money_back, sync
from app.checkout.elsewhere import came_from_elsewhere, hear_of_dispute
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.orders import placing
from app.payments import ledger, refunds
from app.payments.facts import DisputeFacts, RefundFacts
from app.payments.gateway import Gateway
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import PaymentState


def follow_up(db: Database, gateway: Gateway, clock: Clock, attempt_id: int, cause: str) -> None:
    """Bring the refunds and disputes of the money that an attempt brought to where they are at Stripe; idempotent.

    `cause` is what told us: an event's id, or "poll". Raises StripeTrouble when Stripe does not answer.
    """
    payment, shop = _look(db, attempt_id)
    if payment is None or payment.state is PaymentState.AUTHORISED:  # the news came before that of the payment itself
        sync.sync(db, gateway, clock, attempt_id)
        payment, shop = _look(db, attempt_id)
    if payment is None:
        return
    back = gateway.refunds(shop, intent_id=payment.intent_id)
    disputed = gateway.disputes(intent_id=payment.intent_id)
    with transaction(db) as session:
        apply(session, payment.id, back, disputed, clock.now(), cause)


def apply(
    session: Session, payment_id: int, back: Sequence[RefundFacts], disputed: Sequence[DisputeFacts], now: datetime, cause: str
) -> None:
    """Write down what Stripe says of a payment's refunds and disputes, forward only."""
    payment = ledger.locked(session, payment_id)
    order = placing.locked(session, payment.order_id) if payment.order_id is not None else None
    for dispute in disputed:
        hear_of_dispute(session, payment, order, dispute, now, cause)
    for facts in back:
        refund = refunds.find(session, payment, facts)
        if refund is None:
            refund = came_from_elsewhere(session, payment, order, facts, now, cause)
        else:
            refunds.follow(refund, facts, now)
        money_back.tell_refunded(session, refund, now)
    payment.asked_at = now
    session.flush()


def _look(db: Database, attempt_id: int) -> tuple[Payment | None, str]:
    """The payment that an attempt brought, if any yet, and the mark of our objects at Stripe."""
    with reading(db) as session:
        attempt = session.get_one(CheckoutAttempt, attempt_id)
        return ledger.of_attempt(session, attempt_id), attempt.request["metadata"]["shop"]

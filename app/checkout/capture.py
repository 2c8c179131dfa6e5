"""Take the money of a placed order, or let the money go of a payment that got no copies."""

from app.checkout import marks
from app.checkout.follow import follow
from app.kernel.clock import Clock
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments import attempts
from app.payments.facts import IntentFacts
from app.payments.gateway import Gateway, StripeTrouble
from app.payments.models import Payment
from app.payments.states import PaymentState


def capture(db: Database, gateway: Gateway, clock: Clock, payment_id: int) -> None:
    """Capture an authorised payment whose order stands; idempotent. Raises StripeTrouble while it is not clear."""
    with reading(db) as session:
        payment = session.get(Payment, payment_id)
        if payment is None or payment.state is not PaymentState.AUTHORISED or payment.order_id is None or payment.void_reason:
            return
        metadata = marks.of_order(session.get_one(Order, payment.order_id))
    facts = gateway.capture(payment.intent_id, _key("capture", payment, clock), metadata)
    _follow(db, clock, payment.attempt_id, facts)


def void(db: Database, gateway: Gateway, clock: Clock, payment_id: int) -> None:
    """Let the money of an authorised payment go; idempotent. Raises StripeTrouble while it is not clear."""
    with reading(db) as session:
        payment = session.get(Payment, payment_id)
        if payment is None or payment.state is not PaymentState.AUTHORISED or payment.void_reason is None:
            return
    facts = gateway.void(payment.intent_id, _key("void", payment, clock))
    _follow(db, clock, payment.attempt_id, facts)


def _key(deed: str, payment: Payment, clock: Clock) -> str:
    """A key for this try alone: Stripe lets an intent end only once, while a fault kept under one key would come back for a day."""
    return f"{deed}:{payment.intent_id}:{int(clock.now().timestamp() * 1000)}"


def _follow(db: Database, clock: Clock, attempt_id: int, facts: IntentFacts) -> None:
    with transaction(db) as session:
        payment = attempts.payment_of(session, attempt_id)
        if payment is not None:
            follow(session, payment, facts.status, clock.now())
            if payment.state is PaymentState.AUTHORISED:
                raise StripeTrouble(f"the intent is {facts.status} after we asked for an end")

"""What every way of giving money back ends with: the job that asks Stripe, and the letters to the fan."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import called_off, invoices
from app.kernel import outbox
from app.orders import taxed_back
from app.orders.models import Order
from app.payments import ledger, refunds
from app.payments.models import Payment, Refund, RefundOrigin
from app.payments.refunds import Asked
from app.payments.states import RefundState

REFUND = "refund.send"
REFUNDED, CANCELLED = "mail.refunded", "mail.cancelled"
ACCEPTED = (RefundState.PENDING, RefundState.SUCCEEDED)


def begin(session: Session, refund: Refund, now: datetime) -> None:
    """Have Stripe asked for a wanted refund; it corrects what the order was taxed."""
    taxed_back.by_refund(session, refund)
    outbox.enqueue(session, REFUND, str(refund.id), {"refund": refund.id}, now=now, priority=2)


def of_nothing(session: Session, payment: Payment, now: datetime) -> None:
    """Give all of a payment back that nobody got anything for: its order was cancelled meanwhile, or there never was one."""
    left = ledger.of(session, payment).left
    if left > 0:
        order = session.get_one(Order, payment.order_id) if payment.order_id is not None else None
        asked = Asked(RefundOrigin.MACHINE, payment.void_reason or "nobody got anything for it")
        begin(session, refunds.want(session, payment, called_off.parts(session, order, left), asked, now), now)


def tell_refunded(session: Session, refund: Refund, now: datetime) -> None:
    """Have the fan told that Stripe took a refund on, once, and credit it where there was an invoice."""
    if refund.state in ACCEPTED:
        invoices.credit_note(session, refund, now)
        outbox.enqueue(session, REFUNDED, str(refund.id), {"refund": refund.id}, now=now, once=True, priority=6)


def tell_cancelled(session: Session, order: Order, now: datetime) -> None:
    """Have the fan told that their order does not stand, once; the caller knows by now what becomes of the money."""
    outbox.enqueue(session, CANCELLED, str(order.id), {"order": order.id}, now=now, once=True, priority=6)

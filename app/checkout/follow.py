"""Move a payment to where its intent is: captured, or let go, with what that means for its order."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import invoices, latecomers, money_back
from app.fulfilment import joining
from app.inventory import claims
from app.kernel import outbox
from app.orders import placing
from app.orders.models import Order, OrderState
from app.payments import fees
from app.payments.models import Payment
from app.payments.states import PaymentState, check_payment

CONFIRM, NOT_CHARGED = "mail.confirmed", "mail.not_charged"


def follow(session: Session, payment: Payment, intent_status: str, now: datetime) -> None:
    """Take Stripe's word on the money of a payment that was authorised; once it has ended, nothing happens any more."""
    if payment.state is not PaymentState.AUTHORISED or intent_status not in {"succeeded", "canceled"}:
        return
    order = placing.locked(session, payment.order_id) if payment.order_id is not None else None
    if intent_status == "succeeded":
        _captured(session, payment, order, now)
        fees.want(session, payment)
    else:
        _let_go(session, payment, order, now)


def confirm(session: Session, order: Order, now: datetime) -> None:
    """Have the fan told that the order stands, and what was said of it while they paid."""
    outbox.enqueue(session, CONFIRM, str(order.id), {"order": order.id}, now=now, once=True, priority=6)
    latecomers.notice(session, order.id, now)


def _captured(session: Session, payment: Payment, order: Order | None, now: datetime) -> None:
    """The money is taken. When nobody may keep it (cancelled or given up meanwhile), it goes back at once."""
    _end(payment, PaymentState.CAPTURED, now)
    if order is not None and order.state is OrderState.PLACED:
        confirm(session, order, now)
        invoices.invoice(session, order, now)
        return
    money_back.of_nothing(session, payment, now)
    if order is not None:
        money_back.tell_cancelled(session, order, now)


def _let_go(session: Session, payment: Payment, order: Order | None, now: datetime) -> None:
    """Nothing was charged: as we wanted, or because the bank or somebody at Stripe was quicker than our capture."""
    if order is not None and order.state is OrderState.CANCELLED:
        _end(payment, PaymentState.VOIDED, now)
        money_back.tell_cancelled(session, order, now)
        return
    _end(payment, PaymentState.CAPTURE_FAILED if order is not None else PaymentState.VOIDED, now)
    if order is not None:
        joining.call_off(session, order, now, "the bank or Stripe let the payment go before it was captured")
        lines = [line.id for line in order.lines]
        claims.put_back_allocated(session, lines, now, claims.MACHINE, "the payment was cancelled")
    outbox.enqueue(session, NOT_CHARGED, str(payment.id), {"payment": payment.id}, now=now, once=True, priority=6)


def _end(payment: Payment, state: PaymentState, now: datetime) -> None:
    check_payment(payment.state, state)
    payment.state, payment.ended_at = state, now

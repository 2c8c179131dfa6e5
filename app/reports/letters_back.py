"""The letters about money that goes back and orders that do not stand."""

from sqlalchemy import select

from app.checkout.cancel import BY_FAN
from app.checkout.money_back import ACCEPTED, CANCELLED, REFUNDED
from app.drops.models import Drop
from app.fulfilment import together
from app.fulfilment.models import SharedPostage
from app.inventory.models import Hold
from app.kernel.mail import Letter
from app.kernel.money import Money
from app.kernel.schema import JsonDict
from app.orders.models import Order, OrderState
from app.payments import ledger
from app.payments.models import CheckoutAttempt, Payment, Refund
from app.payments.states import PaymentState
from app.reports import given_back
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import letter
from app.reports.sleeves import imprint, is_alone


def refunded(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """Money is on its way back; None when it fell through since."""
    refund = desk.session.get(Refund, payload["refund"])
    if refund is None or refund.state not in ACCEPTED:
        return None
    payment = desk.session.get_one(Payment, refund.payment_id)
    hold = desk.session.get_one(Hold, desk.session.get_one(CheckoutAttempt, payment.attempt_id).hold_id)
    order = desk.session.get(Order, refund.order_id) if refund.order_id is not None else None
    drop, back = desk.session.get_one(Drop, hold.drop_id), given_back.back(desk.session, refund)
    return letter(
        "refunded",
        f"{REFUNDED}.{refund.id}",
        order.email if order is not None else hold.email,
        f"{back.amount.format()} is on its way back to you",
        label=imprint(drop.label, alone=is_alone(desk.session)),
        write_to=drop.label.email,
        back=back,
        reference=order.reference if order is not None else "",
        leaves_with=_leaves_with(desk, refund),
        url=desk.order_url(order) if order is not None else desk.drop_url(drop),
    )


def _leaves_with(desk: LetterDesk, refund: Refund) -> tuple[str, ...]:
    """The orders in whose parcel this one leaves, when that is why money goes back."""
    shared = desk.session.scalar(select(SharedPostage.order_id).where(SharedPostage.refund_id == refund.id))
    if shared is None:
        return ()
    return tuple(each.reference for each in together.orders(desk.session, shared) if each.id != shared)


def cancelled(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """An order does not stand, with what becomes of its money."""
    order = desk.session.get(Order, payload["order"])
    if order is None or order.state is not OrderState.CANCELLED:
        return None
    payment = desk.session.scalar(select(Payment).where(Payment.order_id == order.id))
    back = Money(ledger.of(desk.session, payment).given_back if payment is not None else 0, order.currency)
    return letter(
        "cancelled",
        f"{CANCELLED}.{order.id}",
        order.email,
        f"Order {order.reference} is cancelled",
        label=imprint(order.label, alone=is_alone(desk.session)),
        write_to=order.label.email,
        reference=order.reference,
        by_fan=order.cancel_reason == BY_FAN,
        promised=payment is not None and payment.state is PaymentState.VOIDED,
        back=back if back.amount else None,
        url=desk.order_url(order),
    )

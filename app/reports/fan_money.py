"""What became of a fan's money, told to them, with the letters about it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory.models import Hold
from app.kernel.money import Money
from app.orders.models import Order
from app.payments.models import CheckoutAttempt, Dispute, Payment, Refund
from app.payments.states import DisputeState, PaymentState, RefundState
from app.reports import fan_letters, fan_story
from app.reports.fan_story import Told

_PAYMENTS = {
    PaymentState.CAPTURED: "%s was paid.",
    PaymentState.CAPTURE_FAILED: "Your bank let go of the %s before we took them, so you were not charged.",
    PaymentState.VOIDED: "We let go of the %s, so you were not charged.",
}
_LATE = "The %s came after the time of your hold, when no copy was free any more. We let go of them, so you were not charged."
_REFUNDS = {
    RefundState.SUCCEEDED: "%s was given back; your bank may take some days to show it.",
    RefundState.FAILED: "Your bank did not take back the %s.",
    RefundState.CANCELLED: "The refund of %s was called off.",
    RefundState.PAID_OTHERWISE: "%s was paid back to you another way.",
}
_UNTOLD = {RefundState.PROPOSED, RefundState.DECLINED, RefundState.REPEATED}
_DISPUTES = {
    DisputeState.WON: "Your bank decided that we keep the %s.",
    DisputeState.LOST: "Your bank gave you the %s back.",
}
Zones = dict[int, str]


def told(session: Session, holds: Sequence[Hold], orders: Sequence[Order]) -> list[Told]:
    """The sentences about the money of these holds, and the letters about it and about the orders, unsorted."""
    zone_of = {hold_id: zone for hold_id, (_title, zone) in fan_story.drops(session, holds).items()}
    paid = select(Payment, CheckoutAttempt.hold_id).join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
    rows = session.execute(paid.where(CheckoutAttempt.hold_id.in_(zone_of)).order_by(Payment.id)).all()
    zones = {payment.id: zone_of[hold_id] for payment, hold_id in rows}
    refunds = session.scalars(select(Refund).where(Refund.payment_id.in_(zones)).order_by(Refund.id)).all()
    return [
        *(each for payment, _ in rows for each in _payment(payment, zones[payment.id])),
        *(each for refund in refunds for each in _refund(refund, zones[refund.payment_id])),
        *_disputes(session, zones),
        *fan_letters.told(session, orders, zones, refunds),
    ]


def _payment(payment: Payment, zone: str) -> list[Told]:
    amount = Money(payment.amount, payment.currency).format()
    found = [Told(payment.authorised_at, f"Your bank promised {amount}.", zone, 3)]
    if payment.ended_at is not None and payment.state in _PAYMENTS:
        late = payment.state is PaymentState.VOIDED and payment.void_reason == "late"
        found.append(Told(payment.ended_at, (_LATE if late else _PAYMENTS[payment.state]) % amount, zone, 5))
    return found


def _refund(refund: Refund, zone: str) -> list[Told]:
    if refund.state in _UNTOLD:
        return []
    amount = Money(refund.amount, refund.currency).format()
    found = [Told(refund.created_at, f"We began to give {amount} back.", zone, 6)]
    if refund.ended_at is not None:
        found.append(Told(refund.ended_at, _REFUNDS[refund.state] % amount, zone, 7))
    return found


def _disputes(session: Session, zones: Zones) -> list[Told]:
    found = []
    for dispute in session.scalars(select(Dispute).where(Dispute.payment_id.in_(zones)).order_by(Dispute.id)):
        amount, zone = Money(dispute.amount, dispute.currency).format(), zones[dispute.payment_id]
        found.append(Told(dispute.opened_at, f"Your bank asked us about {amount}, as you had disputed the payment.", zone, 6))
        if dispute.closed_at is not None and dispute.state in _DISPUTES:
            found.append(Told(dispute.closed_at, _DISPUTES[dispute.state] % amount, zone, 7))
    return found

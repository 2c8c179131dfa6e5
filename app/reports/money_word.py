"""What has become of an order's money, in one word, derived from payments, refunds and disputes."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from app.orders.models import Order
from app.payments.models import Dispute, Payment, Refund
from app.payments.states import CLOSED, GONE, DisputeState, PaymentState


class MoneyWord(StrEnum):
    """What the desk and the fan are told beside the order's stage; an order whose money just stays has none."""

    REFUNDED = "refunded"
    PARTLY = "partly-refunded"
    INQUIRED = "inquired"
    DISPUTED = "disputed"
    LOST = "dispute-lost"


INQUIRIES = (DisputeState.WARNING_NEEDS_RESPONSE, DisputeState.WARNING_UNDER_REVIEW)  # the bank only asks; no money has moved

# For select(Order).where(…): a bank disputes the money or asks about it, or has taken it back. Such an order must not leave.
DISPUTED: ColumnElement[bool] = (
    exists()
    .where(Payment.order_id == Order.id, Dispute.payment_id == Payment.id)
    .where(or_(Dispute.state.not_in(CLOSED), Dispute.state == DisputeState.LOST))
    .correlate(Order)
)


def words(session: Session, order_ids: Sequence[int]) -> dict[int, MoneyWord]:
    """The word of each order that has one."""
    paid = {
        int(order_id or 0): (payment_id, amount)
        for payment_id, order_id, amount in session.execute(
            select(Payment.id, Payment.order_id, Payment.amount)
            .where(Payment.order_id.in_(order_ids), Payment.state == PaymentState.CAPTURED)
        )
    }  # fmt: skip
    of = {payment_id: order_id for order_id, (payment_id, _) in paid.items()}
    back = select(Refund.payment_id, func.sum(Refund.amount)).where(Refund.payment_id.in_(of), Refund.state.in_(GONE))
    gone = {payment_id: int(amount) for payment_id, amount in session.execute(back.group_by(Refund.payment_id))}
    disputes: dict[int, list[DisputeState]] = {}
    for payment_id, state in session.execute(select(Dispute.payment_id, Dispute.state).where(Dispute.payment_id.in_(of))):
        disputes.setdefault(payment_id, []).append(state)
    said = {order_id: word_of(amount, gone.get(id_, 0), disputes.get(id_, ())) for order_id, (id_, amount) in paid.items()}
    return {order_id: word for order_id, word in said.items() if word is not None}


def word_of(amount: int, back: int, disputes: Sequence[DisputeState]) -> MoneyWord | None:
    """The word of a payment that was captured, of which so much went back and which is disputed so; a dispute is told first."""
    running = [state for state in disputes if state not in CLOSED]
    if running:
        return MoneyWord.INQUIRED if all(state in INQUIRIES for state in running) else MoneyWord.DISPUTED
    if back:
        return MoneyWord.REFUNDED if back >= amount else MoneyWord.PARTLY
    return MoneyWord.LOST if DisputeState.LOST in disputes else None

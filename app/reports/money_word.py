"""What has become of an order's money, in one word, derived from payments, refunds and disputes."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, or_

from app.orders.models import Order
from app.payments.models import Dispute, Payment
from app.payments.states import CLOSED, DisputeState


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


def word_of(amount: int, back: int, disputes: Sequence[DisputeState]) -> MoneyWord | None:
    """The word of a payment that was captured, of which so much went back and which is disputed so; a dispute is told first."""
    running = [state for state in disputes if state not in CLOSED]
    if running:
        return MoneyWord.INQUIRED if all(state in INQUIRIES for state in running) else MoneyWord.DISPUTED
    if back:
        return MoneyWord.REFUNDED if back >= amount else MoneyWord.PARTLY
    return MoneyWord.LOST if DisputeState.LOST in disputes else None

"""Which rate an order's postage was paid for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory.models import Hold
from app.orders.models import Order
from app.payments.models import CheckoutAttempt


def rate_id(session: Session, order: Order) -> int | None:
    """The rate that was paid for stands in the quote agreed to, or, where Stripe was not asked, on the hold."""
    agreed = session.scalar(select(CheckoutAttempt.quote).where(CheckoutAttempt.id == order.attempt_id))
    return agreed["postage"]["rate_id"] if agreed else session.get_one(Hold, order.hold_id).rate_id

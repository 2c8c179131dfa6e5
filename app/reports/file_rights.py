"""Whether who ordered may have the files that come with a copy: a right that is derived from facts each time, and never stored."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.inventory.models import Copy
from app.orders.models import Order, OrderLine, OrderState
from app.payments import ledger
from app.payments.models import Payment, Refund, RefundPart
from app.payments.states import GONE, PaymentState, RefundState


def stands(session: Session, order: Order, payment: Payment | None) -> bool:
    """Does the order stand, and does its money stay where it is?"""
    if order.state is not OrderState.PLACED or (payment is None) != (order.total_amount == 0):
        return False
    if payment is None:
        return True
    if payment.state is not PaymentState.CAPTURED:
        return False
    money = ledger.of(session, payment)
    return not money.disputed and not money.lost and money.gone < money.captured


def owned(session: Session, order: Order) -> frozenset[int]:
    """The releases of which a copy is still its owner's, and was not refunded: kept by way of apology, it brings no files."""
    refunded = (
        select(RefundPart.copy_id)
        .join(Refund)
        .where(Refund.order_id == order.id, RefundPart.copy_id.is_not(None), Refund.state.in_((RefundState.WANTED, *GONE)))
    )
    mine = (
        select(Run.release_id)
        .join(OrderLine, OrderLine.run_id == Run.id)
        .join(Copy, Copy.order_line_id == OrderLine.id)
        .where(OrderLine.order_id == order.id, Copy.id.not_in(refunded))
    )
    return frozenset(session.scalars(mine))

"""What a fan may choose whose copy did not come, and which free number would be theirs: those who bought earlier come first."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.checkout import parts
from app.inventory import counts
from app.inventory.delivery_models import Shortfall, ShortfallState
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.money import Money
from app.orders.models import Order, OrderLine, OrderState
from app.payments import ledger
from app.payments.models import Payment
from app.payments.states import PaymentState


class Answer(StrEnum):
    """What somebody says to it."""

    REFUND = "refund"
    WAIT = "wait"
    OTHER = "other"
    UNDO = "undo"


@dataclass(frozen=True)
class Choices:
    """What is open to a fan: `refund` is what would go back (None where nothing was paid for it), `other` a free number."""

    refund: Money | None
    other: int | None
    may_wait: bool
    may_undo: bool


def choices(session: Session, found: Shortfall, order: Order, payment: Payment | None) -> Choices:
    """What may be chosen now; nothing once it has its outcome."""
    if found.closed_at is not None:
        return Choices(None, None, may_wait=False, may_undo=False)
    state = found.state
    refunding = state is ShortfallState.REFUNDING
    return Choices(
        refund=None if refunding else goes_back(session, found, order, payment),
        other=None if refunding else other_number(session, found, order),
        may_wait=state is ShortfallState.OFFERED,
        may_undo=state is not ShortfallState.OFFERED,
    )


def goes_back(session: Session, found: Shortfall, order: Order, payment: Payment | None) -> Money | None:
    """What was paid for the copy; all that is left of the order, the postage too, where it is the last. None for nothing."""
    if payment is None or found.copy_id in parts.paid_back(session, payment):
        return None
    line = session.get_one(OrderLine, found.order_line_id)
    left = ledger.of(session, payment).left if payment.state is PaymentState.CAPTURED else order.total_amount
    amount = left if last_of(session, found, order) else min(line.unit_amount, left)
    return Money(amount, order.currency) if amount > 0 else None


def last_of(session: Session, found: Shortfall, order: Order) -> bool:
    """Is nothing else left of the order?"""
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    return [each.copy_id for each in owned] == [found.copy_id]


def other_number(session: Session, found: Shortfall, order: Order) -> int | None:
    """The free number that this fan may have: the first that nobody who bought earlier, and has not answered, might want."""
    copy = session.get_one(Copy, found.copy_id)
    ahead = session.scalar(_ahead(found, order, copy)) or 0
    free = select(Copy.number).where(Copy.run_id == copy.run_id, Copy.number.is_not(None), Copy.state == CopyState.AVAILABLE)
    return session.scalar(free.order_by(Copy.number).offset(ahead).limit(1))


def _ahead(found: Shortfall, order: Order, copy: Copy) -> Select[int]:
    """How many offers of the same run, not answered yet, are of who bought earlier; of one order the lower number comes first."""
    earlier = or_(
        Order.placed_at < order.placed_at,
        (Order.placed_at == order.placed_at) & (Order.id < order.id),
        (Order.id == order.id) & (Copy.number < copy.number),
    )
    open_ = select(func.count(Shortfall.id)).join(Copy, Copy.id == Shortfall.copy_id)
    of_orders = open_.join(OrderLine, OrderLine.id == Shortfall.order_line_id).join(Order, Order.id == OrderLine.order_id)
    mine = of_orders.where(Shortfall.state == ShortfallState.OFFERED, Shortfall.closed_at.is_(None), Copy.run_id == copy.run_id)
    return mine.where(Shortfall.id != found.id, Order.state == OrderState.PLACED, earlier)

"""What must still be known about a fan, and why: nothing that is needed is ever erased, by request or by age."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.drops import sale
from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.stages import Stage, stage
from app.fulfilment.models import Parcel, ParcelState
from app.inventory.models import Copy, Hold
from app.inventory.states import LIVE, CopyState
from app.orders import codes
from app.orders.models import DiscountCode, HoldCode, Order, OrderCode, OrderState
from app.payments import attempts
from app.payments.models import CheckoutAttempt, Dispute, Payment, Refund
from app.payments.states import PaymentState, RefundState
from app.privacy.models import Retention

# Money that is still on its way, or that a person has yet to pay back another way.
UNDER_WAY = (RefundState.PROPOSED, RefundState.WANTED, RefundState.PENDING, RefundState.FAILED, RefundState.CANCELLED)

COUNTED_FOR = timedelta(days=365)  # after a drop opened


class Because(StrEnum):
    """Why something stays for now."""

    HELD = "held"
    UNSENT = "unsent"
    MONEY = "money"
    DISPUTE = "dispute"
    COUNTED = "counted"
    ACCOUNTS = "accounts"


@dataclass(frozen=True)
class Kept:
    """What stays of one hold or order: all of it, only what it is counted by, or its name and address until a day."""

    because: Because
    until: datetime | None = None


def all_of_it(session: Session, hold: Hold, order: Order | None) -> Because | None:
    """Why nothing of this hold and its order may be erased yet; None when nothing stands in the way."""
    if hold.state in LIVE or attempts.is_pending(session, hold.id):
        return Because.HELD
    paid = select(Payment).join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id).where(CheckoutAttempt.hold_id == hold.id)
    payments = session.scalars(paid, execution_options={"populate_existing": True}).all()
    ids = [payment.id for payment in payments]
    if any(payment.state is PaymentState.AUTHORISED for payment in payments):
        return Because.MONEY
    if ids and session.scalar(select(Refund.id).where(Refund.payment_id.in_(ids), Refund.state.in_(UNDER_WAY)).limit(1)):
        return Because.MONEY
    if ids and session.scalar(select(Dispute.id).where(Dispute.payment_id.in_(ids), Dispute.closed_at.is_(None)).limit(1)):
        return Because.DISPUTE
    return Because.UNSENT if order is not None and _unsent(session, order) else None


def is_counted(session: Session, hold: Hold, order: Order | None, now: datetime) -> bool:
    """Do its copies, or its code, count against what one fan may have? So nobody has more by being erased in between."""
    if order is None or order.state is OrderState.CANCELLED:
        return False
    return _limited(session, hold.drop_id, now) or _coded(session, hold, order, now)


def accounts_until(session: Session, order: Order) -> datetime | None:
    """Until when its name and address stay for the label's accounts; None where they do not."""
    rule = session.get(Retention, order.label_id)
    if rule is None or not rule.accounts_names or not order.total_amount or order.state is OrderState.CANCELLED:
        return None
    return datetime(order.placed_at.year + rule.accounts_years + 1, 1, 1, tzinfo=UTC)


def _unsent(session: Session, order: Order) -> bool:
    if order.state is OrderState.CANCELLED:
        return False
    return session.scalar(select(Parcel.state).where(Parcel.order_id == order.id)) is not ParcelState.SENT


def _limited(session: Session, drop_id: int, now: datetime) -> bool:
    """A drop that is sold out, or a year old, needs no count any more, though nobody has closed it."""
    drop, on_sale = session.get_one(Drop, drop_id), sale.of_id(session, drop_id)
    has_limit = on_sale.limit is not None or any(run.limit is not None for run in on_sale.runs)
    if not has_limit or stage(Door.of(drop), now) is Stage.OVER or drop.opens_at < now - COUNTED_FOR:
        return False
    there = select(Copy.id).where(Copy.run_id.in_([run.run_id for run in on_sale.runs]), Copy.number.is_not(None))
    return session.scalar(there.where(Copy.state.in_((CopyState.AVAILABLE, CopyState.HELD))).limit(1)) is not None


def _coded(session: Session, hold: Hold, order: Order, now: datetime) -> bool:
    named = select(HoldCode.code_id).where(HoldCode.hold_id == hold.id)
    used = select(OrderCode.code_id).where(OrderCode.order_id == order.id)
    found = session.scalars(select(DiscountCode).where(DiscountCode.id.in_(named.union(used))))
    return any(code.once_per_fan and not codes.over(code, now) for code in found)

"""The rows of a label that are older than a moment, hold something about a fan, and are not needed any more.

Each gives their ids, oldest first; `kept_from`: what was paid since then keeps name and address for the accounts.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select

from app.drops.models import Drop, Reminder
from app.fulfilment.models import Parcel, Shipment
from app.inventory.forgetting import ERASED
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel.schema import table
from app.orders.models import DiscountCode, HoldCode, Order, OrderCode, OrderState
from app.payments import attempts
from app.payments.models import CheckoutAttempt, Dispute, Payment, Refund, StripeEvent
from app.payments.states import PaymentState
from app.privacy.forget import WHERE
from app.privacy.held_back import COUNTED_FOR, UNDER_WAY


def unpaid(label_id: int, before: datetime, now: datetime, kept_from: datetime | None) -> Select[int]:
    """Holds that were never paid: who held, and what they had filled in."""
    del now, kept_from
    over = select(Hold.id).join(Drop, Drop.id == Hold.drop_id).where(Drop.label_id == label_id, Hold.ended_at < before)
    known = not_(Hold.fan.startswith(f"{ERASED}-"))
    return over.where(Hold.state == HoldState.PUT_BACK, known, not_(_needed())).order_by(Hold.id)


def reminders(label_id: int, before: datetime, now: datetime, kept_from: datetime | None) -> Select[int]:
    """Reminders of drops that have opened."""
    del now, kept_from
    asked = select(Reminder.id).join(Drop, Drop.id == Reminder.drop_id)
    return asked.where(Drop.label_id == label_id, Drop.opens_at < before).order_by(Reminder.id)


def addresses(label_id: int, before: datetime, now: datetime, kept_from: datetime | None) -> Select[int]:
    """Holds of orders whose parcel has left, or that were cancelled."""
    del now
    known = or_(*(getattr(Order, name) != "" for name in WHERE), Shipment.tracking != "", Shipment.tracking_url != "")
    over = _sent().where(Order.label_id == label_id, _closed(before), known, not_(_needed()))
    return over.where(not_(_for_accounts(kept_from))).order_by(Hold.id)


def names(label_id: int, before: datetime, now: datetime, kept_from: datetime | None) -> Select[int]:
    """Holds of orders that are closed, sent or cancelled; not while copies of their drop are counted for a limit."""
    counted = and_(Hold.email_key != "", not_(_coded(now)))  # else what a code counts for once would be tried each time
    known = or_(Order.email != "", Hold.email != "", counted, and_(Order.name != "", not_(_for_accounts(kept_from))))
    over = or_(Drop.closes_at <= now, Drop.closed_at <= now, Drop.opens_at < now - COUNTED_FOR)
    wanted = _sent().join(Drop, Drop.id == Order.drop_id).where(Order.label_id == label_id, _closed(before), known, over)
    return wanted.where(not_(_needed())).order_by(Hold.id)


def events(label_id: int, before: datetime, now: datetime, kept_from: datetime | None) -> Select[str]:
    """What Stripe told of a label's payments."""
    del now, kept_from
    heard = select(StripeEvent.id).join(CheckoutAttempt, CheckoutAttempt.id == StripeEvent.attempt_id)
    ours = heard.join(Hold, Hold.id == CheckoutAttempt.hold_id).join(Drop, Drop.id == Hold.drop_id)
    return ours.where(Drop.label_id == label_id, StripeEvent.received_at < before).order_by(StripeEvent.received_at)


def _sent() -> Select[int]:
    orders = select(Hold.id).join(Order, Order.hold_id == Hold.id).join(Parcel, Parcel.order_id == Order.id)
    return orders.outerjoin(Shipment, Shipment.parcel_id == Parcel.id)


def _closed(before: datetime) -> ColumnElement[bool]:
    return or_(Shipment.sent_at < before, and_(Order.state == OrderState.CANCELLED, Order.cancelled_at < before))


def _coded(now: datetime) -> ColumnElement[bool]:
    """The same as `held_back.is_counted` about codes, for many rows."""
    lasts = or_(DiscountCode.ends_at.is_(None), DiscountCode.ends_at > now)
    going = and_(DiscountCode.once_per_fan, DiscountCode.ended_at.is_(None), lasts)
    named = exists().where(HoldCode.hold_id == Hold.id, DiscountCode.id == HoldCode.code_id, going).correlate(Hold)
    used = exists().where(OrderCode.order_id == Order.id, DiscountCode.id == OrderCode.code_id, going).correlate(Order)
    return and_(Order.state == OrderState.PLACED, or_(named, used))


def _for_accounts(kept_from: datetime | None) -> ColumnElement[bool]:
    if kept_from is None:
        return false()
    return and_(Order.placed_at >= kept_from, Order.total_amount > 0, Order.state == OrderState.PLACED)


def _needed() -> ColumnElement[bool]:
    """The same as `held_back.all_of_it` about money, for many rows: so that those in the way are not tried each time."""
    paid: Select[Any] = select(Payment.id).join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
    mine = paid.where(CheckoutAttempt.hold_id == Hold.id).correlate(Hold)
    back = mine.join(Refund, Refund.payment_id == Payment.id).where(Refund.state.in_(UNDER_WAY))
    fought = mine.join(Dispute, Dispute.payment_id == Payment.id).where(Dispute.closed_at.is_(None))
    promised = mine.where(Payment.state == PaymentState.AUTHORISED)
    return or_(attempts.being_paid(table(Hold).c.id), back.exists(), fought.exists(), promised.exists())

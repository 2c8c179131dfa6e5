"""A fan, or the desk, wants an order sent on its own, or together with others after all; until its parcel is packed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import one_parcel, shared_postage
from app.checkout.one_way import way
from app.fulfilment import joining, parcels, together
from app.fulfilment.models import Parcel, ParcelState
from app.kernel.errors import AlreadyShipped, Conflict
from app.orders import placing
from app.orders.models import Order, OrderState

BY_FAN, TOGETHER_BY_FAN = "order.alone_by_fan", "order.together_by_fan"
KEPT = "The postage that this saved has gone back already, so it stays together. To have it sent on its own, write to {email}."


def by_fan(session: Session, order_id: int, now: datetime) -> None:
    """Send it on its own, and let nothing join it. Conflict once packing has begun or the postage went back, AlreadyShipped."""
    order, _ = _locked(session, order_id, {ParcelState.OPEN})
    if shared_postage.went_back(session, together.order_ids(session, order_id)):
        raise Conflict(KEPT.format(email=order.label.email))
    _apart(session, order, now)
    one_parcel.note(session, BY_FAN, order, now)


def together_by_fan(session: Session, order_id: int, now: datetime) -> bool:
    """Let it go together with others after all; does it at once? Conflict once packing has begun, AlreadyShipped."""
    order, parcel = _locked(session, order_id, {ParcelState.OPEN})
    parcel.alone = False
    session.flush()
    one_parcel.note(session, TOGETHER_BY_FAN, order, now)
    return len(together.members(session, order_id)) == 1 and one_parcel.join(session, order, now)


def by_desk(session: Session, order_id: int, now: datetime) -> None:
    """Take an order out of the parcel that it shares; postage that went back for it stays with the fan. Raises as above."""
    order, _ = _locked(session, order_id, {ParcelState.OPEN, ParcelState.LOCKED})
    if len(together.members(session, order_id)) == 1:
        raise Conflict("This order does not share its parcel with another one any more.")
    _apart(session, order, now)


def join_by_desk(session: Session, order_id: int, other_id: int, now: datetime) -> None:
    """Put two orders of one fan to one address into one parcel; Conflict where they are not, or it would be too heavy."""
    for id_ in sorted({order_id, other_id}):
        placing.locked(session, id_)
    found = placing.locked(session, order_id)
    one_parcel.lock_fan(session, found.label_id, found.email_key)
    every = together.locked(session, [order_id, other_id])  # by key; what follows locks them again
    order, mine = _locked(session, order_id, {ParcelState.OPEN, ParcelState.LOCKED})
    other, _ = _locked(session, other_id, {ParcelState.OPEN, ParcelState.LOCKED})
    ours, theirs = together.orders(session, order_id), together.orders(session, other_id)
    if other in ours:
        raise Conflict("These orders leave in one parcel already.")
    if _whose(order) != _whose(other):
        raise Conflict("Only orders of one fan to one address leave in one parcel. Correct the address first.")
    if not way(session, [*theirs, *ours]):
        raise Conflict("No rate carries both together: they are too heavy for one parcel.")
    for parcel in every:
        parcel.alone = False
    into = together.members(session, other_id)[0]
    joining.join(session, together.members(session, order_id)[0] if len(ours) > 1 else mine, into, now)
    one_parcel.later(session, order, now)


def may_fan(order: Order, parcel: Parcel) -> bool:
    """May the fan still say so?"""
    return order.state is OrderState.PLACED and parcel.state is ParcelState.OPEN and bool(order.email_key)


def others_here(session: Session, order: Order, parcel: Parcel) -> list[Order]:
    """The fan's other orders to the same place whose parcels are as far as this one's, and do not leave with it."""
    if not order.email_key or order.state is OrderState.CANCELLED or parcel.state not in {ParcelState.OPEN, ParcelState.LOCKED}:
        return []
    mine = set(together.order_ids(session, order.id))
    here = select(Order).join(Parcel, Parcel.order_id == Order.id).where(Parcel.state == parcel.state)
    here = here.where(Order.email_key == order.email_key, Order.label_id == order.label_id, Order.state == OrderState.PLACED)
    return [each for each in session.scalars(here.order_by(Order.id)) if each.id not in mine and _whose(each) == _whose(order)]


def _locked(session: Session, order_id: int, may: set[ParcelState]) -> tuple[Order, Parcel]:
    """An order that stands, its fan and its parcel, which is no further than it `may` be."""
    order = placing.locked(session, order_id)
    one_parcel.lock_fan(session, order.label_id, order.email_key)
    parcel = parcels.locked(session, order_id)
    if order.state is OrderState.CANCELLED:
        raise Conflict("This order was cancelled, so nothing of it leaves.")
    if parcel.state is ParcelState.SENT:
        raise AlreadyShipped("The parcel has left already.")
    if parcel.state not in may:
        raise Conflict("Packing has begun, so what leaves together cannot be changed any more.")
    return order, parcel


def _apart(session: Session, order: Order, now: datetime) -> None:
    joining.leave(session, order.id, now)
    parcels.locked(session, order.id).alone = True
    session.flush()


def _whose(order: Order) -> tuple[object, ...]:
    return order.label_id, order.email_key, order.currency, one_parcel.place_of(order)

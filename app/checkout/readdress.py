"""Correct where an order goes: the fan until its parcel is locked for packing, the desk until it has left."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import audit
from app.checkout import one_parcel
from app.checkout.paid_rate import rate_id
from app.fulfilment import address_checks, parcels, postage
from app.fulfilment.models import ParcelState, PostageRate
from app.fulfilment.preorder_rows import Answer
from app.kernel.errors import AlreadyShipped, Conflict
from app.orders import placing
from app.orders.models import Order, OrderState
from app.payments.facts import Address

BY_FAN = "order.address_changed_by_fan"
FIELDS = ("name", "line1", "line2", "postal_code", "city", "region", "country")


def may_fan(order: Order, parcel: ParcelState) -> bool:
    """May the fan still correct it?"""
    return order.state is OrderState.PLACED and parcel is ParcelState.OPEN


def by_fan(session: Session, order_id: int, to: Address, now: datetime) -> bool:
    """Change it as the fan says and note that it changed; False when it is the same. It leaves a parcel that goes elsewhere.

    Raises NotFound, AlreadyShipped, or Conflict: it is locked, or posting to that country costs more than was paid.
    """
    order = placing.locked(session, order_id)
    one_parcel.lock_fan(session, order.label_id, order.email_key)
    parcel = parcels.locked(session, order_id)
    if not may_fan(order, parcel.state):
        _check_here(order, parcel.state)
        raise Conflict(f"Packing has begun, so the address cannot be changed here any more. Write to {order.label.email} at once.")
    if to.country != order.country:
        order.postage_name = _same_postage(session, order, to.country)
    changed = _change(session, order, to, now)
    if changed:
        address_checks.answer(session, order.id, Answer.CHANGED, now)
        what = {"number": order.reference}
        audit.note(session, BY_FAN, "order", order.id, now=now, staff_id=None, label_id=order.label_id, **what)
    return changed


def by_desk(session: Session, order_id: int, to: Address, now: datetime) -> bool:
    """Change it as staff say, who note why; False when it is the same. Raises NotFound, AlreadyShipped or Conflict."""
    order = placing.locked(session, order_id)
    one_parcel.lock_fan(session, order.label_id, order.email_key)
    _check_here(order, parcels.locked(session, order_id).state)
    return _change(session, order, to, now)


def address_of(order: Order) -> Address:
    """Where an order goes now."""
    return Address(**{name: getattr(order, name) for name in FIELDS})


def _check_here(order: Order, parcel: ParcelState) -> None:
    if order.state is OrderState.CANCELLED:
        raise Conflict("This order was cancelled, so it goes nowhere.")
    if parcel is ParcelState.SENT:
        raise AlreadyShipped("The parcel has left, so its address cannot be changed any more.")


def _change(session: Session, order: Order, to: Address, now: datetime) -> bool:
    if to == address_of(order):
        return False
    for name in FIELDS:
        setattr(order, name, getattr(to, name))
    one_parcel.follow(session, order, now)
    return True


def _same_postage(session: Session, order: Order, country: str) -> str:
    """What the postage to another country is called, if what was paid is enough and it is tracked as before; else Conflict."""
    paid = session.get(PostageRate, rate_id(session, order) or 0)
    weight = order.label.packaging_weight + sum(line.run.weight * line.quantity for line in order.lines)
    offers = postage.offers(postage.tariff(session, order.label_id), country, weight, order.currency)
    fit = [
        offer
        for offer in offers
        if paid is not None and offer.amount.amount <= order.postage_amount and offer.tracked == paid.tracked
    ]
    if paid is not None and paid.id in {offer.rate_id for offer in fit}:
        return order.postage_name
    if not fit:
        raise Conflict(f"What you paid does not cover the postage to that country. Write to {order.label.email} about it.")
    return fit[-1].name

"""Parcels from open to sent."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.fulfilment import together
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.kernel.errors import AlreadyShipped, Conflict, NotFound

MOVES: dict[ParcelState, frozenset[ParcelState]] = {
    ParcelState.OPEN: frozenset({ParcelState.LOCKED, ParcelState.PACKED, ParcelState.SENT}),
    ParcelState.LOCKED: frozenset({ParcelState.OPEN, ParcelState.PACKED, ParcelState.SENT}),
    ParcelState.PACKED: frozenset({ParcelState.OPEN, ParcelState.LOCKED, ParcelState.SENT}),
    ParcelState.SENT: frozenset(),
}


def open_parcel(session: Session, order_id: int, now: datetime) -> Parcel:
    """The parcel that an order's copies will leave in."""
    parcel = Parcel(order_id=order_id, state=ParcelState.OPEN, created_at=now)
    session.add(parcel)
    session.flush()
    return parcel


def locked(session: Session, order_id: int) -> Parcel:
    """An order's parcel, locked with all that leave with it and read after locking."""
    parcel = next((each for each in together.locked(session, [order_id]) if each.order_id == order_id), None)
    if parcel is None:
        raise NotFound("This order has no parcel.")
    return parcel


def move(parcel: Parcel, state: ParcelState, now: datetime) -> None:
    """Go to another state; AlreadyShipped when it has left, Conflict when the life-cycle does not allow it."""
    if parcel.state is ParcelState.SENT:
        raise AlreadyShipped("This parcel has already left.")
    if state not in MOVES[parcel.state]:
        raise Conflict(f"A parcel that is {parcel.state} cannot become {state}.")
    parcel.state = state
    if state is ParcelState.PACKED:
        parcel.packed_at = now
    elif state is not ParcelState.SENT:
        parcel.packed_at, parcel.locked_at = None, now if state is ParcelState.LOCKED else None


def reopen(parcel: Parcel, now: datetime) -> None:
    """Open a packed parcel again: one that was locked for packing stays locked. Raises AlreadyShipped or Conflict."""
    before = parcel.locked_at
    move(parcel, ParcelState.LOCKED if before is not None else ParcelState.OPEN, now)
    parcel.locked_at = before


def send(session: Session, parcel: Parcel, carrier: str, tracking: str, tracking_url: str, now: datetime) -> Shipment:
    """The parcel left; its shipment."""
    move(parcel, ParcelState.SENT, now)
    shipment = Shipment(parcel_id=parcel.id, carrier=carrier, tracking=tracking, tracking_url=tracking_url, sent_at=now)
    session.add(shipment)
    session.flush()
    return shipment

"""Parcels that become one, and one that leaves the others again; the caller has locked all of them."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.fulfilment import parcels, together
from app.fulfilment.models import JoinedParcel, Parcel, ParcelState
from app.kernel.errors import AlreadyShipped, Conflict
from app.orders import placing
from app.orders.models import Order


def join(session: Session, parcel: Parcel, into: Parcel, now: datetime) -> None:
    """One parcel from now on, and so are those that had joined the first; Conflict unless both are as far."""
    if parcel.state is not into.state or parcel.state not in {ParcelState.OPEN, ParcelState.LOCKED}:
        raise Conflict("Only parcels that are both open, or both locked, can become one.")
    session.flush()
    session.execute(update(JoinedParcel).where(JoinedParcel.into_id == parcel.id).values(into_id=into.id))
    session.add(JoinedParcel(parcel_id=parcel.id, into_id=into.id, at=now))
    session.flush()


def leave(session: Session, order_id: int, now: datetime) -> bool:
    """An order's parcel is one of its own again; False when it was.

    What was packed is opened, as it holds too much. AlreadyShipped when it has left.
    """
    every = together.members(session, order_id)
    if len(every) == 1:
        return False
    mine, others = next(each for each in every if each.order_id == order_id), [each for each in every if each.order_id != order_id]
    if mine.state is ParcelState.SENT:
        raise AlreadyShipped("This parcel has left with all that is in it.")
    if mine.state is ParcelState.PACKED:
        for parcel in every:
            parcels.reopen(parcel, now)
    session.flush()
    lead, *rest = others
    session.execute(delete(JoinedParcel).where(JoinedParcel.parcel_id.in_({mine.id, lead.id})))
    session.execute(update(JoinedParcel).where(JoinedParcel.parcel_id.in_([each.id for each in rest])).values(into_id=lead.id))
    return True


def call_off(session: Session, order: Order, now: datetime, reason: str) -> None:
    """Cancel an order: nothing of it leaves any more, so it leaves the parcel that it shared."""
    parcels.locked(session, order.id)
    leave(session, order.id, now)
    placing.cancel(order, now, reason)

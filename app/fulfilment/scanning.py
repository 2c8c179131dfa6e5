"""Pack by scanning: a copy goes into its own parcel and no other; when all are in, the parcel is packed by itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import contents, parcels
from app.fulfilment.models import ParcelState
from app.fulfilment.shipping import check_here, check_paid
from app.inventory.models import Copy
from app.kernel.errors import AlreadyShipped, Conflict
from app.orders import placing
from app.orders.models import OrderLine


class WrongParcel(Conflict):
    """A copy does not belong into this parcel; the context has the `copy`, and the order that it `belongs` to or None."""

    title = "Wrong parcel"


@dataclass(frozen=True)
class Put:
    """A copy is in its parcel: was it in there before, is the parcel packed by it, and how many copies are still to come?"""

    again: bool
    packed: bool
    left: int


def owner_of(session: Session, copy_id: int) -> int | None:
    """The order whose parcel a copy belongs into; None when it belongs to nobody."""
    return session.scalar(select(OrderLine.order_id).join(Copy, Copy.order_line_id == OrderLine.id).where(Copy.id == copy_id))


def put_in(session: Session, order_id: int, copy_id: int, now: datetime, actor: str) -> Put:
    """Note that a copy lies in an order's parcel; the same once more changes nothing.

    Raises WrongParcel, NotPaid, Disputed, AlreadyShipped, NotFound, or Conflict: another copy of the order did not come.
    """
    order = placing.locked(session, order_id)
    parcel = parcels.locked(session, order.id)
    belongs = owner_of(session, copy_id)
    if belongs != order.id:
        raise WrongParcel("This copy does not belong into this parcel.", copy=copy_id, belongs=belongs)
    if parcel.state is ParcelState.SENT:
        raise AlreadyShipped("This parcel has already left.")
    check_paid(session, order)
    check_here(session, order)
    again = contents.holds(session, parcel, copy_id)
    if not again:
        contents.put_in(session, parcel, copy_id, now, actor)
    left = contents.missing(session, parcel)
    packs = left == 0 and parcel.state is not ParcelState.PACKED
    if packs:
        parcels.move(parcel, ParcelState.PACKED, now)
    return Put(again, packs, left)


def take_out(session: Session, order_id: int, copy_id: int, now: datetime) -> bool:
    """Undo a scan: the copy is not in the parcel, and the parcel not packed; False when there is nothing to undo.

    Raises AlreadyShipped or NotFound.
    """
    placing.locked(session, order_id)
    parcel = parcels.locked(session, order_id)
    if parcel.state is ParcelState.SENT:
        raise AlreadyShipped("This parcel has already left, so the scan cannot be undone.")
    if owner_of(session, copy_id) != order_id or not contents.holds(session, parcel, copy_id):
        return False
    contents.take_out(session, copy_id)
    if parcel.state is ParcelState.PACKED:
        parcels.reopen(parcel, now)
    return True

"""Pack by scanning: a copy goes into its own parcel and no other; when all are in, the parcel is packed by itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import contents, parcels, together, waiting
from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.shipping import check_paid
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

    Raises WrongParcel, NotPaid, Disputed, AlreadyShipped, NotFound, or Conflict while the order waits for the plant.
    """
    order = placing.locked(session, order_id)
    whole = _whole(session, order.id)
    belongs = owner_of(session, copy_id)
    parcel = whole.get(belongs or 0)
    if parcel is None:
        raise WrongParcel("This copy does not belong into this parcel.", copy=copy_id, belongs=belongs)
    if parcel.state is ParcelState.SENT:
        raise AlreadyShipped("This parcel has already left.")
    for sold in together.orders(session, order.id):
        check_paid(session, sold)
        waiting.check_here(session, sold.id)
    again = contents.holds(session, parcel, copy_id)
    if not again:
        contents.put_in(session, parcel, copy_id, now, actor)
    left = sum(contents.missing(session, each) for each in whole.values())
    packs = left == 0 and parcel.state is not ParcelState.PACKED
    for each in whole.values() if packs else ():
        parcels.move(each, ParcelState.PACKED, now)
    return Put(again, packs, left)


def take_out(session: Session, order_id: int, copy_id: int, now: datetime) -> bool:
    """Undo a scan: the copy is not in the parcel, and the parcel not packed; False when there is nothing to undo.

    Raises AlreadyShipped or NotFound.
    """
    placing.locked(session, order_id)
    whole = _whole(session, order_id)
    if whole[order_id].state is ParcelState.SENT:
        raise AlreadyShipped("This parcel has already left, so the scan cannot be undone.")
    parcel = whole.get(owner_of(session, copy_id) or 0)
    if parcel is None or not contents.holds(session, parcel, copy_id):
        return False
    contents.take_out(session, copy_id)
    for each in whole.values() if parcel.state is ParcelState.PACKED else ():
        parcels.reopen(each, now)
    return True


def _whole(session: Session, order_id: int) -> dict[int, Parcel]:
    """What leaves as one with an order, by order, locked."""
    parcels.locked(session, order_id)
    return {parcel.order_id: parcel for parcel in together.members(session, order_id)}

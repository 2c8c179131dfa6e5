"""A sold copy turns out damaged: one of the run's reserve takes its number and its place, in one deed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.fulfilment import parcels, scanning, together
from app.fulfilment.models import ParcelState
from app.inventory import claims
from app.kernel.errors import AlreadyShipped, Conflict
from app.orders import placing
from app.orders.models import OrderState
from app.payments import ledger, refunds


@dataclass(frozen=True)
class Replaced:
    """What took the damaged copy's place; `reopened` when its parcel was packed, and waits for the new one now."""

    order_id: int
    copy_id: int
    issue: int
    reopened: bool


def replace_damaged(session: Session, copy_id: int, words: str, now: datetime, actor: str) -> Replaced:
    """Withdraw a copy of an order as damaged and issue its number again, to the same order.

    Raises NotFound, AlreadyShipped, or Conflict: it is nobody's, was replaced already, or nothing is left of the reserve.
    """
    order_id = scanning.owner_of(session, copy_id)
    if order_id is None:
        raise Conflict("This copy belongs to no order by now, so nothing has to take its place. Look at it again.")
    ledger.of_order(session, order_id)
    order, parcel = placing.locked(session, order_id), parcels.locked(session, order_id)
    if order.state is OrderState.CANCELLED:
        raise Conflict("This order was cancelled. Say on its page that the copy is withdrawn.")
    if parcel.state is ParcelState.SENT:
        raise AlreadyShipped("The parcel has left with this copy. Give money back for it, or wait until it comes back.")
    new = claims.replace(session, copy_id, now, actor, f"damaged: {words}" if words else "damaged")
    refunds.follow_copy(session, copy_id, new.id)
    reopened = parcel.state is ParcelState.PACKED
    for each in together.members(session, order_id) if reopened else ():
        parcels.reopen(each, now)
    return Replaced(order_id, new.id, new.issue, reopened)

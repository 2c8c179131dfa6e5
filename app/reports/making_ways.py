"""Who may cancel a pre-order free, who did, and who may not any more, for the desk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.promises import Promise
from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.preorder_rows import WayOut
from app.orders.models import Order, OrderState


@dataclass(frozen=True)
class WayRow:
    """An order of which the run may be cancelled free; `state` is open, taken, cancelled, packed or sent."""

    order_id: int
    reference: str
    name: str
    then: Promise
    opened_at: datetime
    taken_at: datetime | None
    state: str


def ways(session: Session, run_id: int) -> tuple[WayRow, ...]:
    """All that were ever opened for a run, by order."""
    wanted = select(WayOut, Order, Parcel.state).join(Order, Order.id == WayOut.order_id)
    found = session.execute(wanted.join(Parcel, Parcel.order_id == Order.id).where(WayOut.run_id == run_id).order_by(Order.id))
    return tuple(
        WayRow(order.id, order.reference, order.name, way.promise, way.opened_at, way.taken_at, _state(way, order, parcel))
        for way, order, parcel in found
    )


def _state(way: WayOut, order: Order, parcel: ParcelState) -> str:
    if way.taken_at is not None:
        return "taken"
    if order.state is OrderState.CANCELLED:
        return "cancelled"
    return parcel.value if parcel in {ParcelState.PACKED, ParcelState.SENT} else "open"

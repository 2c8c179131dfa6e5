"""Orders that may be packed and whose parcels are not locked: their fans can still correct the address."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment.models import Parcel, ParcelState
from app.orders.models import Order
from app.reports.order_stage import CONDITIONS, Stage


def open_parcels(session: Session, label_ids: Sequence[int], drop_id: int | None = None) -> list[int]:
    """The ids of such orders of these labels, perhaps of one drop only, oldest first."""
    wanted = select(Order.id).join(Parcel, Parcel.order_id == Order.id).where(Parcel.state == ParcelState.OPEN)
    wanted = wanted.where(Order.label_id.in_(label_ids), CONDITIONS[Stage.TO_PACK])
    if drop_id is not None:
        wanted = wanted.where(Order.drop_id == drop_id)
    return list(session.scalars(wanted.order_by(Order.id)))

"""The pack lock: from then on a fan changes nothing about the parcel, and what is printed stays true."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import parcels
from app.fulfilment.models import Parcel, ParcelState


def lock(session: Session, order_ids: Sequence[int], now: datetime) -> list[int]:
    """Lock the parcels of these orders for packing; the orders whose parcels were open. The others stay as they are."""
    return _move(session, order_ids, ParcelState.OPEN, ParcelState.LOCKED, now)


def unlock(session: Session, order_ids: Sequence[int], now: datetime) -> list[int]:
    """Open locked parcels again; the orders whose parcels were locked."""
    return _move(session, order_ids, ParcelState.LOCKED, ParcelState.OPEN, now)


def _move(session: Session, order_ids: Sequence[int], before: ParcelState, after: ParcelState, now: datetime) -> list[int]:
    mine = select(Parcel).where(Parcel.order_id.in_(order_ids)).order_by(Parcel.id).with_for_update()
    moved = [each for each in session.scalars(mine, execution_options={"populate_existing": True}) if each.state is before]
    for parcel in moved:
        parcels.move(parcel, after, now)
    session.flush()
    return [parcel.order_id for parcel in moved]

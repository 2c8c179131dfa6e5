"""The pack lock: from then on a fan changes nothing about the parcel, and what is printed stays true."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.fulfilment import parcels, together
from app.fulfilment.models import ParcelState


def lock(session: Session, order_ids: Sequence[int], now: datetime) -> list[int]:
    """Lock the parcels of these orders for packing; the orders whose parcels were open, all that leave together. Others stay."""
    return _move(session, order_ids, ParcelState.OPEN, ParcelState.LOCKED, now)


def unlock(session: Session, order_ids: Sequence[int], now: datetime) -> list[int]:
    """Open locked parcels again; the orders whose parcels were locked, all that leave together."""
    return _move(session, order_ids, ParcelState.LOCKED, ParcelState.OPEN, now)


def _move(session: Session, order_ids: Sequence[int], before: ParcelState, after: ParcelState, now: datetime) -> list[int]:
    moved = [each for each in together.locked(session, order_ids) if each.state is before]
    for parcel in moved:
        parcels.move(parcel, after, now)
    session.flush()
    return [parcel.order_id for parcel in moved]

"""Which copies were scanned into a parcel, and which are still to go in; only who has the parcel locked may change it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import Session

from app.fulfilment.models import PackedCopy, Parcel
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.upsert import insert
from app.orders.models import OrderLine


def inside(session: Session, parcel: Parcel) -> set[int]:
    """The copies that were scanned into a parcel and still belong there."""
    scanned = select(PackedCopy.copy_id).where(PackedCopy.parcel_id == parcel.id)
    return set(session.scalars(scanned.where(PackedCopy.copy_id.in_(_belonging(parcel)))))


def holds(session: Session, parcel: Parcel, copy_id: int) -> bool:
    """Was this copy, which belongs into the parcel, scanned into it?"""
    noted = session.get(PackedCopy, copy_id, populate_existing=True)
    return noted is not None and noted.parcel_id == parcel.id


def missing(session: Session, parcel: Parcel) -> int:
    """How many copies belong into a parcel and were not scanned."""
    scanned = exists().where(PackedCopy.copy_id == Copy.id, PackedCopy.parcel_id == parcel.id)
    return session.scalar(select(func.count()).select_from(_belonging(parcel).where(~scanned).subquery())) or 0


def put_in(session: Session, parcel: Parcel, copy_id: int, now: datetime, actor: str) -> None:
    """One row per copy: in whose parcel it lay before it came to be this order's does not matter any more."""
    row = {"parcel_id": parcel.id, "at": now, "actor": actor}
    noted = insert(session, PackedCopy).values(copy_id=copy_id, **row)
    session.execute(noted.on_conflict_do_update(index_elements=[PackedCopy.copy_id], set_=row))


def take_out(session: Session, copy_id: int) -> None:
    """Forget that a copy was scanned."""
    session.execute(delete(PackedCopy).where(PackedCopy.copy_id == copy_id))


def empty(session: Session, parcel: Parcel) -> None:
    """Forget all that was scanned into a parcel: it is opened again, and whoever packs it scans again."""
    session.execute(delete(PackedCopy).where(PackedCopy.parcel_id == parcel.id))


def _belonging(parcel: Parcel) -> Select[Any]:
    """The ids of the copies that belong into a parcel and have not left."""
    owned = select(Copy.id).join(OrderLine, OrderLine.id == Copy.order_line_id).where(OrderLine.order_id == parcel.order_id)
    return owned.where(Copy.state == CopyState.ALLOCATED)

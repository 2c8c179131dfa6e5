"""Which other orders leave in an order's parcel, by their numbers; and all of an order's parcel as orders."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import together
from app.fulfilment.models import Parcel
from app.orders.models import Order


def references(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """For those of these orders that leave with others the references of these others, the one that was joined first."""
    shared = together.shared(session, order_ids)
    if not shared:
        return {}
    every = {id_ for ids in shared.values() for id_ in ids}
    numbers = dict(session.execute(select(Order.id, Order.number).where(Order.id.in_(every))).all())
    return {order: tuple(f"{numbers[id_]:05d}" for id_ in ids if id_ != order) for order, ids in shared.items()}


def by_parcel(session: Session, order_ids: Sequence[int], *options: Any) -> list[list[Order]]:
    """The parcels of these orders in their sequence, each once, with all orders in it; the one that others joined is first."""
    wanted = select(Order, together.first_parcel()).join(Parcel, Parcel.order_id == Order.id).options(*options)
    rows = session.execute(wanted.where(Order.id.in_(order_ids))).all()
    found = {order.id: order for order, _ in rows}
    shared = together.shared(session, order_ids) if any(first is not None for _, first in rows) else {}
    more = {id_ for ids in shared.values() for id_ in ids} - found.keys()
    found |= {order.id: order for order, _ in session.execute(wanted.where(Order.id.in_(more)))} if more else {}
    kept = together.one_each(session, order_ids, shared)
    ids = {id_: shared.get(id_, (id_,)) for id_ in kept}
    return [[found[id_] for id_ in ids[first] if id_ in found] for first in kept if first in found]

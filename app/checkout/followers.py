"""Who waits for a run: the fans whose orders stand and have not left, each of them once however many orders they have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.fulfilment.models import Parcel, ParcelState
from app.inventory.models import Copy, Hold
from app.inventory.states import CopyState
from app.orders.models import Order, OrderLine, OrderState

AT_ONCE = 100  # fans in one short transaction


@dataclass(frozen=True)
class Waiting:
    """An order that waits for a run: when its copies were taken, and is its parcel still the fan's to correct?"""

    order_id: int
    taken_at: datetime
    open: bool


@dataclass(frozen=True)
class Follower:
    """A fan, named for good by the first order they ever made of the run, whatever has become of it."""

    first_id: int
    orders: tuple[Waiting, ...]


def followers(session: Session, run_id: int) -> list[Follower]:
    """The fans who wait for a run, in the sequence in which they came."""
    owned = exists().where(OrderLine.order_id == Order.id, Copy.order_line_id == OrderLine.id, Copy.state == CopyState.ALLOCATED)
    mine = owned.where(OrderLine.run_id == run_id).correlate(Order).label("owned")
    bought = Order.id.in_(select(OrderLine.order_id).where(OrderLine.run_id == run_id))
    wanted = select(Order.id, Order.email, Order.state, Hold.created_at, Parcel.state, mine)
    every = wanted.join(Hold, Hold.id == Order.hold_id).join(Parcel, Parcel.order_id == Order.id)
    first: dict[str, int] = {}
    waits: dict[str, list[Waiting]] = {}
    for id_, email, state, taken_at, parcel, has in session.execute(every.where(bought, Order.email != "").order_by(Order.id)):
        first.setdefault(email.lower(), id_)
        if has and state is OrderState.PLACED:
            waits.setdefault(email.lower(), []).append(Waiting(id_, taken_at, parcel is ParcelState.OPEN))
    return [Follower(first[email], tuple(orders)) for email, orders in waits.items()]


def pieces(all_of_them: Sequence[Follower]) -> Iterator[Sequence[Follower]]:
    """The fans in pieces, so that nobody waits long for the database."""
    return (all_of_them[start : start + AT_ONCE] for start in range(0, len(all_of_them), AT_ONCE))

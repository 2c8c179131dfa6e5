"""How fast a drop sells: copies ordered in each stretch of time since it opened."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.fulfilment.models import Mishap
from app.orders.models import Order, OrderLine

LEAST = 1 / 3  # of a stretch
MOST = 60  # stretches: more cannot be told apart on a phone
STRETCHES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)  # seconds


@dataclass(frozen=True)
class Curve:
    """Copies ordered in each stretch of `step` seconds from `began` to `ends`, which is within the last stretch; `fastest` is the
    most in one second.
    """

    began: datetime
    ends: datetime
    step: int
    sold: tuple[int, ...]
    fastest: int

    @property
    def peak(self) -> int:
        """The most in one stretch."""
        return max(self.sold, default=0)

    def at(self, place: int) -> datetime:
        """When a stretch begins."""
        return self.began + timedelta(seconds=place * self.step)

    @property
    def span(self) -> float:
        """How many stretches have passed; of one that has only begun so much is seen that its bar can be."""
        return max((self.ends - self.began).total_seconds() / self.step, len(self.sold) - 1 + LEAST)


def curve(session: Session, drop: Drop, now: datetime) -> Curve | None:
    """From T0 to now, or to the last order once the drop is over; None while nothing was ordered."""
    rows = (
        select(Order.placed_at, func.sum(OrderLine.quantity))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.drop_id == drop.id, ~exists().where(Mishap.again_order_id == Order.id))
        .group_by(Order.id, Order.placed_at)
    )
    sold = [(at, int(copies)) for at, copies in session.execute(rows)]
    if not sold:
        return None
    began = min(drop.opens_at, *(at for at, _ in sold))
    last = max(at for at, _ in sold)
    over = drop.closed_at or (drop.closes_at if drop.closes_at and drop.closes_at <= now else None)
    return drawn(began, max(last, over or now), sold)


def drawn(began: datetime, ends: datetime, sold: Iterable[tuple[datetime, int]]) -> Curve:
    """The curve of some sales; pure."""
    seconds = max(1.0, (ends - began).total_seconds())
    step = next((step for step in STRETCHES if seconds / step <= MOST), None) or -(-int(seconds) // MOST)
    stretches, each = Counter[int](), Counter[int]()
    for at, copies in sold:
        passed = (at - began).total_seconds()
        stretches[int(passed // step)] += copies
        each[int(passed)] += copies
    places = max(int(seconds // step), max(stretches, default=0)) + 1
    return Curve(began, ends, step, tuple(stretches[place] for place in range(places)), max(each.values(), default=0))

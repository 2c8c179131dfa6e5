"""The next issue has come: in order of purchase each copy that is waited for is there again, under its number."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import runs
from app.checkout import shortfall_letters
from app.checkout.delivery import CHANGED, lock_orders
from app.checkout.shortfall_letters import Say
from app.inventory import claims, counts, shortfalls, stocktake
from app.inventory.delivery_models import Shortfall, ShortfallState
from app.inventory.models import Copy
from app.kernel.errors import Conflict
from app.orders.models import Order, OrderLine, OrderState
from app.payments import refunds


@dataclass(frozen=True)
class Waiting:
    """A copy that is waited for, and its order."""

    shortfall_id: int
    copy_id: int
    number: int
    order_id: int
    reference: str
    name: str


@dataclass(frozen=True)
class Comes:
    """Who gets theirs, in order of purchase; who waits on; how many are left for the reserve, in which so many lie before."""

    served: tuple[Waiting, ...]
    wait_on: tuple[Waiting, ...]
    reserve: int
    before: int

    @property
    def sign(self) -> str:
        """The same for the same outcome; what has been made since is another: the same form makes copies once."""
        said = ",".join(str(each.shortfall_id) for each in self.served) + f"|{self.reserve}|{self.before}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]


def waiting(session: Session, run_id: int) -> list[Waiting]:
    """The copies of a run that are waited for, in order of purchase."""
    mine = (
        select(Shortfall.id, Copy.id, Copy.number, Order.id, Order)
        .join(Copy, Copy.id == Shortfall.copy_id)
        .join(OrderLine, OrderLine.id == Shortfall.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Copy.run_id == run_id, Shortfall.closed_at.is_(None), Shortfall.state == ShortfallState.WAITS)
        .where(Order.state == OrderState.PLACED)
        .order_by(Order.placed_at, Order.id, Copy.number)
    )
    rows = session.execute(mine)
    return [Waiting(id_, copy, number or 0, order_id, order.reference, order.name) for id_, copy, number, order_id, order in rows]


def outlook(session: Session, run_id: int, came: int) -> Comes:
    """What it comes to when so many have come, changing nothing."""
    line = waiting(session, run_id)
    left = max(0, came - len(line))
    return Comes(tuple(line[:came]), tuple(line[came:]), left, counts.reserve(session, run_id))


def arrive(session: Session, run_id: int, came: int, shown: str, now: datetime, actor: str) -> Comes:
    """Make the copies that came, give them to who waits, the rest to the reserve; `shown` is the sign of what was agreed to.

    NotFound, or Conflict when it comes to something else by now.
    """
    run = runs.locked(session, run_id)
    if run.pressed_at is None:
        raise Conflict("This run is not pressed yet, so it has no next issue.")
    first = _agreed(session, run_id, came, shown)
    lock_orders(session, {each.order_id for each in first.served})
    plan = _agreed(session, run_id, came, shown)
    stocktake.press_reserve(session, run_id, came, now, actor)
    for each in plan.served:
        new = claims.replace(
            session, each.copy_id, now, actor, f"{shortfalls.WHY}, its next issue has come", "one that did not come"
        )
        refunds.follow_copy(session, each.copy_id, new.id)
    _tell(session, plan.served, now)
    return plan


def _agreed(session: Session, run_id: int, came: int, shown: str) -> Comes:
    plan = outlook(session, run_id, came)
    if plan.sign != shown:
        raise Conflict(CHANGED)
    return plan


def _tell(session: Session, served: Sequence[Waiting], now: datetime) -> None:
    of_order: dict[int, list[int]] = {}
    for each in served:
        of_order.setdefault(each.order_id, []).append(each.shortfall_id)
    for order_id, rows in of_order.items():
        shortfall_letters.tell(session, Say.REPLACED, order_id, rows, now)

"""Orders that wait for the plant, for a run or for a copy that did not come: nothing of them is packed, and all of it waits."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, exists, or_, select, union
from sqlalchemy.orm import Session

from app.catalogue.making import ARRIVED, WORDS, Making
from app.catalogue.models import Release, Run
from app.inventory import shortfalls
from app.inventory.delivery_models import Shortfall
from app.inventory.models import Copy
from app.kernel.errors import Conflict
from app.kernel.schema import is_one_of
from app.orders.models import Order, OrderLine

_NOT_HERE = is_one_of(Making.step, *(step for step in WORDS if step not in ARRIVED))
_RUNS = select(Making.run_id).where(_NOT_HERE)


def _lines() -> Select[int]:
    """The lines of orders that still own copies of a run that is not here. Such runs are few, so they are found first."""
    owns = exists().where(Copy.order_line_id == OrderLine.id).correlate(OrderLine)
    return select(OrderLine.order_id).where(OrderLine.run_id.in_(_RUNS), owns)


# Orders with a copy that did not come, and is owed. Those are few, too.
_OWED = select(OrderLine.order_id).join(Shortfall, Shortfall.order_line_id == OrderLine.id).where(Shortfall.closed_at.is_(None))
WAITS: ColumnElement[bool] = or_(Order.id.in_(_lines()), Order.id.in_(_OWED))  # for select(Order).where(…)


def waiting(session: Session, order_ids: Collection[int]) -> set[int]:
    """Those of these orders that wait."""
    mine = OrderLine.order_id.in_(order_ids)
    return set(session.scalars(union(_lines().where(mine), _OWED.where(mine))))


def waits_for_run(session: Session, order: Order) -> bool:
    """Is a run of it not here yet? Also of an order that is only just being given its copies."""
    return session.scalar(_RUNS.where(Making.run_id.in_([line.run_id for line in order.lines])).limit(1)) is not None


def elsewhere(session: Session, order_ids: Sequence[int], run_id: int) -> set[int]:
    """Those of these orders that wait for another run than this one."""
    return set(session.scalars(_lines().where(OrderLine.order_id.in_(order_ids), OrderLine.run_id != run_id)))


def check_here(session: Session, order_id: int) -> None:
    """Conflict while an order waits, with what for and what ends it."""
    named = select(Order.number, Release.catalogue_number, Run.title, Making.step).select_from(Release).join(Run)
    wanted = named.join(Making, Making.run_id == Run.id).join(OrderLine, OrderLine.run_id == Run.id)
    wanted = wanted.join(Order, Order.id == OrderLine.order_id)
    held = wanted.join(Copy, Copy.order_line_id == OrderLine.id).where(OrderLine.order_id == order_id, _NOT_HERE)
    found = session.execute(held.limit(1)).first()
    if found is not None:
        order, number, title, step = found
        raise Conflict(
            f"Order № {order:05d} waits for {number} “{title}”, which is at the plant: {WORDS[step]}. "
            "When its copies have come, set the run to “here”."
        )
    check_came(session, order_id)


def check_came(session: Session, order_id: int) -> None:
    """Conflict while a copy of the order did not come from the plant and is owed: one parcel, and nothing leaves without it."""
    lines = session.scalars(select(OrderLine.id).where(OrderLine.order_id == order_id)).all()
    if shortfalls.absent(session, lines):
        raise Conflict(
            "A copy of this order has not come from the plant, so its parcel stays here. It can leave once the fan has another, "
            "or the money for it."
        )

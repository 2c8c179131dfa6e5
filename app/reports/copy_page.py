"""One copy with its whole movement history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.inventory import counts
from app.inventory.models import Copy, DeskHold, Hold, StockMovement
from app.orders.models import Order, OrderLine
from app.reports.copy_rows import CopyRow, copy_rows, moved
from app.reports.deeds import Entry, actors, staff_names
from app.reports.run_names import copy_name
from app.reports.run_stock import RunHead, head_of


@dataclass(frozen=True)
class Aside:
    """That staff hold this copy: for whom, why, who of them, and until when."""

    for_whom: str
    reason: str
    by: str
    until: datetime


@dataclass(frozen=True)
class CopyPage:
    """A copy, what it is called, its run, where it stands on the strip, and every movement, newest first.

    `replaced`: another copy has its number by now.
    """

    name: str
    head: RunHead
    row: CopyRow
    copies: str
    history: tuple[Entry, ...]
    fan: str
    replaced: bool
    aside: Aside | None


def copy_page(session: Session, copy: Copy) -> CopyPage:
    """The page of this copy."""
    run = session.get_one(Run, copy.run_id)
    head = head_of(session, run)
    movements = session.scalars(select(StockMovement).where(StockMovement.copy_id == copy.id).order_by(StockMovement.id)).all()
    names = actors(session, {movement.actor for movement in movements})
    orders = _references(session, movements)
    entries = [Entry(each.at, names.get(each.actor, each.actor), moved(each), _why(each, orders), head.zone) for each in movements]
    [row] = copy_rows(session, [copy])
    name = copy_name(head.name, copy.number, head.last, copy.issue)
    return CopyPage(
        name,
        head,
        row,
        counts.stock(session, [run.id])[run.id].copies,
        tuple(entries[::-1]),
        _fan(session, row),
        _replaced(session, copy),
        _aside(session, copy),
    )


def _replaced(session: Session, copy: Copy) -> bool:
    later = select(Copy.id).where(Copy.run_id == copy.run_id, Copy.number == copy.number, Copy.issue > copy.issue)
    return session.scalar(later.limit(1)) is not None


def _why(movement: StockMovement, orders: dict[int, str]) -> str:
    owner = orders.get(movement.order_line_id or 0) or (f"hold {movement.hold_id}" if movement.hold_id else "")
    return ", ".join(filter(None, (owner, movement.reason if movement.reason != "pressed" else "")))


def _references(session: Session, movements: Sequence[StockMovement]) -> dict[int, str]:
    lines = {each.order_line_id for each in movements if each.order_line_id is not None}
    wanted = select(OrderLine.id, Order).join(Order, Order.id == OrderLine.order_id).where(OrderLine.id.in_(lines))
    return {line_id: f"order № {order.reference}" for line_id, order in session.execute(wanted)}


def _fan(session: Session, row: CopyRow) -> str:
    """Whose it is, by name."""
    return session.scalar(select(Order.name).where(Order.id == row.order_id)) or "" if row.order_id else ""


def _aside(session: Session, copy: Copy) -> Aside | None:
    known = session.get(DeskHold, copy.hold_id) if copy.hold_id else None
    if known is None:
        return None
    until = session.get_one(Hold, known.hold_id).expires_at
    return Aside(known.for_whom, known.reason, staff_names(session, [known.staff_id])[known.staff_id], until)

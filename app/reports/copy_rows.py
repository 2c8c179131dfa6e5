"""Copies as rows of a table: whose they are, and what happened to them last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inventory.models import Copy, DeskHold, Hold, StockMovement
from app.inventory.states import CopyState
from app.orders.models import Order, OrderLine
from app.reports.deeds import actors


@dataclass(frozen=True)
class CopyRow:
    """One copy: its owner is an order, a hold (`held_for` somebody, where staff made it) or nobody.

    `what`, `who` and `why` tell of its last movement.
    """

    id: int
    number: int | None
    issue: int
    state: CopyState
    order_id: int | None
    order: str
    hold_until: datetime | None
    held_for: str
    since: datetime | None
    what: str
    who: str
    why: str


def copy_rows(session: Session, copies: Sequence[Copy]) -> list[CopyRow]:
    """Copies with their owners and last movements."""
    last = _last_movements(session, [copy.id for copy in copies])
    orders = _orders(session, [copy.order_line_id for copy in copies if copy.order_line_id is not None])
    hold_ids = [copy.hold_id for copy in copies if copy.hold_id is not None]
    held = select(Hold.id, Hold.expires_at, DeskHold.for_whom).outerjoin(DeskHold, DeskHold.hold_id == Hold.id)
    known = session.execute(held.where(Hold.id.in_(hold_ids))).all()
    holds, whom = {id_: until for id_, until, _ in known}, {id_: name for id_, _, name in known if name is not None}
    names = actors(session, {movement.actor for movement in last.values()})
    return [_row(copy, last.get(copy.id), orders, holds, whom, names) for copy in copies]


def moved(movement: StockMovement) -> str:
    """What a movement did, in a word or two."""
    if movement.before is None:
        return "pressed"
    if movement.after is CopyState.AVAILABLE:
        return "put back on sale" if movement.before is CopyState.WITHDRAWN else "put back"
    return movement.after.value


def _row(
    copy: Copy,
    last: StockMovement | None,
    orders: dict[int, tuple[int, str]],
    holds: dict[int, datetime],
    whom: dict[int, str],
    names: dict[str, str],
) -> CopyRow:
    order_id, reference = orders.get(copy.order_line_id or 0, (None, ""))
    return CopyRow(
        id=copy.id,
        number=copy.number,
        issue=copy.issue,
        state=copy.state,
        order_id=order_id,
        order=reference,
        hold_until=holds.get(copy.hold_id or 0),
        held_for=whom.get(copy.hold_id or 0, ""),
        since=last.at if last else None,
        what=moved(last) if last else "",
        who=names.get(last.actor, last.actor) if last else "",
        why=last.reason if last else "",
    )


def _last_movements(session: Session, copy_ids: Sequence[int]) -> dict[int, StockMovement]:
    newest = select(func.max(StockMovement.id)).where(StockMovement.copy_id.in_(copy_ids)).group_by(StockMovement.copy_id)
    found = session.scalars(select(StockMovement).where(StockMovement.id.in_(newest)))
    return {movement.copy_id: movement for movement in found}


def _orders(session: Session, line_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    wanted = select(OrderLine.id, Order).join(Order, Order.id == OrderLine.order_id).where(OrderLine.id.in_(line_ids))
    return {line_id: (order.id, order.reference) for line_id, order in session.execute(wanted)}

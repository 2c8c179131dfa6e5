"""A run copy by copy: strip, counts, and a table of who has which copy since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.inventory import counts
from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.states import CopyState
from app.orders.models import Order, OrderLine
from app.reports.deeds import actors

PAGE = 100


@dataclass(frozen=True)
class CopyRow:
    """One copy: its owner is an order or a hold or nobody; `what`, `who` and `why` tell of its last movement."""

    id: int
    number: int | None
    issue: int
    state: CopyState
    order_id: int | None
    order: str
    hold_until: datetime | None
    since: datetime | None
    what: str
    who: str
    why: str


@dataclass(frozen=True)
class RunHead:
    """Which run this is."""

    run_id: int
    slug: str
    label_id: int
    zone: str
    catalogue_number: str
    artist: str
    release: str
    run: str
    first: int
    last: int


@dataclass(frozen=True)
class RunStock:
    """A page of a run's copies; `page` counts from 1."""

    head: RunHead
    copies: str
    states: dict[CopyState, int]
    rows: tuple[CopyRow, ...]
    page: int
    pages: int
    total: int


def head_of(run: Run) -> RunHead:
    """Which run this is, from its row."""
    release = run.release
    return RunHead(
        run_id=run.id,
        slug=run.slug,
        label_id=release.label_id,
        zone=release.label.time_zone,
        catalogue_number=release.catalogue_number,
        artist=release.artist.name,
        release=release.title,
        run=run.title,
        first=run.first_number,
        last=run.first_number + run.edition_size - 1,
    )


def run_stock(session: Session, run: Run, state: CopyState | None, page: int) -> RunStock:
    """One page of a run, in number order; a page beyond the last is the last."""
    per_state = select(Copy.state, func.count()).where(Copy.run_id == run.id).group_by(Copy.state)
    states = {**dict.fromkeys(CopyState, 0), **dict(session.execute(per_state).all())}
    total = states[state] if state else sum(states.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    wanted = select(Copy).where(Copy.run_id == run.id).order_by(Copy.number.is_(None), Copy.number, Copy.issue, Copy.id)
    if state is not None:
        wanted = wanted.where(Copy.state == state)
    found = session.scalars(wanted.limit(PAGE).offset((page - 1) * PAGE)).all()
    letters = counts.stock(session, [run.id])[run.id].copies
    return RunStock(head_of(run), letters, states, tuple(copy_rows(session, found)), page, pages, total)


def copy_rows(session: Session, copies: Sequence[Copy]) -> list[CopyRow]:
    """Copies with their owners and last movements."""
    last = _last_movements(session, [copy.id for copy in copies])
    orders = _orders(session, [copy.order_line_id for copy in copies if copy.order_line_id is not None])
    hold_ids = [copy.hold_id for copy in copies if copy.hold_id is not None]
    holds = dict(session.execute(select(Hold.id, Hold.expires_at).where(Hold.id.in_(hold_ids))).all())
    names = actors(session, {movement.actor for movement in last.values()})
    return [_row(copy, last.get(copy.id), orders, holds, names) for copy in copies]


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

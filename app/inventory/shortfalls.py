"""Sold copies that did not come from the plant: which are open, and how each goes from one state to the next."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.inventory.delivery_models import Shortfall, ShortfallState
from app.kernel.errors import Conflict, NotFound

WHY = "lost at the plant"  # begins as what a count takes to be elsewhere
_OFFERED, _REFUNDING, _WAITS = ShortfallState.OFFERED, ShortfallState.REFUNDING, ShortfallState.WAITS
OPEN = (_OFFERED, _REFUNDING, _WAITS)
_OUTCOMES = frozenset(ShortfallState) - {*OPEN}

MOVES: dict[ShortfallState, frozenset[ShortfallState]] = {
    _OFFERED: _OUTCOMES - {ShortfallState.REFUNDED} | {_REFUNDING, _WAITS},
    _REFUNDING: _OUTCOMES - {ShortfallState.EXCHANGED} | {_OFFERED, _WAITS},
    _WAITS: _OUTCOMES - {ShortfallState.REFUNDED} | {_OFFERED, _REFUNDING},
    **{outcome: frozenset() for outcome in _OUTCOMES},
}


def of_lines(line_ids: Sequence[int]) -> Select[int]:
    """For `in_()`: the copies of these lines that are owed and not here."""
    return select(Shortfall.copy_id).where(Shortfall.order_line_id.in_(line_ids), Shortfall.closed_at.is_(None))


def absent(session: Session, line_ids: Sequence[int]) -> list[int]:
    """The copies of these lines that are owed and not here."""
    return list(session.scalars(of_lines(line_ids).order_by(Shortfall.copy_id)))


def locked(session: Session, shortfall_id: int) -> Shortfall:
    """The row, locked and read after locking; whoever answers has the order locked before. NotFound."""
    found = session.get(Shortfall, shortfall_id, with_for_update={"of": Shortfall}, populate_existing=True)
    if found is None:
        raise NotFound("There is no such copy that did not come.")
    return found


def move(
    found: Shortfall, state: ShortfallState, now: datetime, *, due_at: datetime | None = None, instead: int | None = None
) -> None:
    """Go to another state; Conflict when it has its outcome already, or may not go there."""
    if state not in MOVES[found.state]:
        raise Conflict("This copy has its answer already. Look at it again.")
    found.state, found.due_at, found.trouble = state, due_at, ""
    if instead is not None:
        found.instead_id = instead
    if state not in OPEN:
        found.closed_at = now


def make_good(session: Session, copy_id: int, instead_id: int, state: ShortfallState, now: datetime) -> None:
    """Another copy stands for one that did not come, if that is still open."""
    for each in _open(session, [copy_id]):
        move(each, state, now, instead=instead_id)
    session.flush()


def leave(session: Session, copy_ids: Sequence[int], now: datetime) -> set[int]:
    """These copies leave their orders: what is still open of them is over now; which of them that were."""
    if not copy_ids:
        return set()
    found = _open(session, copy_ids)
    for each in found:
        refunded = each.state is ShortfallState.REFUNDING
        move(each, ShortfallState.REFUNDED if refunded else ShortfallState.LEFT, now)
    session.flush()
    return {each.copy_id for each in found}


def _open(session: Session, copy_ids: Sequence[int]) -> Sequence[Shortfall]:
    mine = select(Shortfall).where(Shortfall.copy_id.in_(copy_ids), Shortfall.closed_at.is_(None)).order_by(Shortfall.id)
    return session.scalars(mine.with_for_update(of=Shortfall), execution_options={"populate_existing": True}).all()

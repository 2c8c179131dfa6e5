"""What a count and the record disagree about: copies that should be on the shelf and were not scanned, and the other way round."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from app.inventory.delivery_models import Shortfall
from app.inventory.models import Copy, CountedCopy, CountFinding, Finding, StockCount, StockMovement
from app.inventory.states import CopyState

HERE = (CopyState.AVAILABLE, CopyState.HELD, CopyState.ALLOCATED)
WHY = {
    Finding.FOUND: "found when the shelf was counted",
    Finding.LOST: "lost",
    Finding.DAMAGED: "damaged",
    Finding.PROMO: "promo",
    Finding.MIS_SHIPPED: "sent in place of another",
    Finding.OTHER: "other",
}
# The reasons of withdrawing after which a copy is somewhere else; one that is damaged may lie here or in the bin.
ELSEWHERE = ("lost", "promo", "artist's share", "sent in place of another")


@dataclass(frozen=True)
class Difference:
    """A copy that is `missing` from the shelf, or lies there although its state says otherwise."""

    copy_id: int
    state: CopyState
    missing: bool


def differences(session: Session, count: StockCount, copy_id: int | None = None) -> list[Difference]:
    """Those of an open count that have no name yet, in number order; only that of one copy where one is said.

    A copy that left, came back, was withdrawn or put back since the count was opened is none, scanned or not: nobody can say
    whether it was scanned before or after.
    """
    scanned = exists().where(CountedCopy.count_id == count.id, CountedCopy.copy_id == Copy.id)
    named = exists().where(CountFinding.count_id == count.id, CountFinding.copy_id == Copy.id)
    moving = (CopyState.SHIPPED, CopyState.WITHDRAWN)
    moved = exists().where(
        StockMovement.copy_id == Copy.id,
        StockMovement.id > count.since,
        or_(StockMovement.before.is_(None), StockMovement.before.in_(moving), StockMovement.after.in_(moving)),
    )
    newest = select(func.max(StockMovement.id)).where(StockMovement.copy_id == Copy.id).correlate(Copy).scalar_subquery()
    away = exists().where(StockMovement.id == newest, or_(*(StockMovement.reason.startswith(word) for word in ELSEWHERE)))
    missing = Copy.state.in_(HERE) & ~scanned & ~owed()
    surplus = scanned & or_(Copy.state == CopyState.SHIPPED, (Copy.state == CopyState.WITHDRAWN) & away)
    found = select(Copy.id, Copy.state).where(Copy.run_id == count.run_id, or_(missing, surplus), ~moved, ~named)
    if copy_id is not None:
        found = found.where(Copy.id == copy_id)
    rows = session.execute(found.order_by(Copy.number, Copy.issue, Copy.id))
    return [Difference(id_, state, state in HERE) for id_, state in rows]


def owed() -> ColumnElement[bool]:
    """Is a sold copy one that never came from the plant? Nobody looks for it on the shelf."""
    return exists().where(Shortfall.copy_id == Copy.id, Shortfall.closed_at.is_(None)).correlate(Copy)


def may_be(difference: Difference) -> tuple[Finding, ...]:
    """What a difference can be named as: what is somebody's is replaced, given back or put right with its order, not here."""
    if not difference.missing:
        return (Finding.FOUND, Finding.DAMAGED, Finding.OTHER) if difference.state is CopyState.WITHDRAWN else ()
    return tuple(Finding) if difference.state is CopyState.AVAILABLE else (Finding.FOUND,)

"""A count of a run's shelf: opened, scanned copy by copy, its differences named one by one, and closed when none is left."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inventory import claims
from app.inventory.differences import WHY, Difference, differences, may_be
from app.inventory.models import Copy, CountedCopy, CountFinding, Finding, StockCount, StockMovement
from app.inventory.states import CopyState
from app.kernel.errors import BadInput, Conflict, NotFound
from app.kernel.upsert import insert


def open_count(session: Session, run_id: int, now: datetime, actor: str) -> StockCount:
    """A count of this run, the open one if there is one. Conflict when nothing of it was made."""
    if session.scalar(select(Copy.id).where(Copy.run_id == run_id).limit(1)) is None:
        raise Conflict("This run is not pressed yet, so there is nothing to be counted.")
    last = session.scalar(select(func.max(StockMovement.id))) or 0
    row = {"run_id": run_id, "since": last, "opened_at": now, "opened_by": actor, "closed_by": ""}
    session.execute(insert(session, StockCount).values(**row).on_conflict_do_nothing())
    mine = select(StockCount).where(StockCount.run_id == run_id, StockCount.closed_at.is_(None))
    return session.scalars(mine, execution_options={"populate_existing": True}).one()


def locked(session: Session, count_id: int) -> StockCount:
    """An open count, locked and read after locking. NotFound, or Conflict when it is closed."""
    count = session.get(StockCount, count_id, with_for_update=True, populate_existing=True)
    if count is None:
        raise NotFound("There is no such count.")
    if count.closed_at is not None:
        raise Conflict("This count is closed. To count again, begin a new one.")
    return count


def scan(session: Session, count_id: int, copy_id: int, now: datetime, actor: str) -> bool:
    """Note that a copy is on the shelf; False when it was noted before. Conflict when it is of another run, or the count closed."""
    count = locked(session, count_id)
    if session.get_one(Copy, copy_id).run_id != count.run_id:
        raise Conflict("This copy is of another run. Lay it aside, or count that run as well.")
    row = {"count_id": count_id, "copy_id": copy_id, "at": now, "actor": actor}
    noted = insert(session, CountedCopy).values(**row).on_conflict_do_nothing().returning(CountedCopy.copy_id)
    return session.scalar(noted) is not None


def undo(session: Session, count_id: int, copy_id: int) -> bool:
    """Forget that a copy was scanned; False when it was not."""
    locked(session, count_id)
    noted = session.get(CountedCopy, (count_id, copy_id))
    if noted is None:
        return False
    session.delete(noted)
    session.flush()
    return True


def name(session: Session, count_id: int, copy_id: int, what: Finding, words: str, now: datetime, actor: str) -> None:
    """Say what a difference is; the copy moves with it, where its life-cycle lets it.

    Raises Conflict when it is no difference any more or cannot be that, BadInput when words are missing.
    """
    count = locked(session, count_id)
    named = differences(session, count, copy_id)
    if not named:
        raise Conflict("This is no difference any more. Look at the list again.")
    [difference] = named
    if what not in may_be(difference):
        raise Conflict("A copy in this state cannot be that. Look at the list again.")
    if what is Finding.OTHER and not words:
        raise BadInput("", {"words": "Say in words what it is."})
    _move(session, difference, what, f"{WHY[what]}: {words}" if words else WHY[what], now, actor)
    session.add(CountFinding(count_id=count_id, copy_id=copy_id, what=what, words=words, at=now, actor=actor))
    session.flush()


def _move(session: Session, difference: Difference, what: Finding, why: str, now: datetime, actor: str) -> None:
    """Missing and not found again: off sale. There although it was withdrawn, and found: on sale. Else it stays what it is."""
    if difference.missing and what is not Finding.FOUND:
        claims.withdraw(session, difference.copy_id, now, actor, why)
    elif difference.state is CopyState.WITHDRAWN and what is Finding.FOUND:
        claims.restore(session, difference.copy_id, now, actor, why)


def close(session: Session, count_id: int, now: datetime, actor: str) -> StockCount:
    """End a count; Conflict while a difference has no name."""
    count = locked(session, count_id)
    left = len(differences(session, count))
    if left:
        raise Conflict(f"{left} of the differences {'has' if left == 1 else 'have'} no name yet. Name each, then close the count.")
    count.closed_at, count.closed_by = now, actor
    session.flush()
    return count

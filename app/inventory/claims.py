"""The only mover of copies: every change of a copy's state goes through here, with its movement."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from app.inventory import shortfalls
from app.inventory.claim_statements import ALLOCATE, ALLOCATED, COPIES, MOVED, take
from app.inventory.delivery_models import ShortfallState
from app.inventory.models import Copy, StockMovement
from app.inventory.numbers import issue_words
from app.inventory.states import CopyState, check_copy
from app.kernel.errors import Conflict, NotFound

FAN = "fan"
MACHINE = "machine"


def hold_free(session: Session, run_id: int, quantity: int, hold_id: int, now: datetime) -> list[int]:
    """Move `quantity` free copies of a run into a hold, lowest numbers first; their numbers, or [] when too few are free."""
    claimed = _claim(session, run_id, quantity, CopyState.HELD, hold=hold_id)
    _record(session, claimed, CopyState.HELD, now, FAN, hold=hold_id)
    return [number for number, _ in claimed]


def hold_these(
    session: Session, run_id: int, numbers: Sequence[int], hold_id: int, now: datetime, actor: str = MACHINE, reason: str = ""
) -> bool:
    """Move exactly these copies of a run into a hold; False, and nothing moved, when one of them is not free."""
    wanted = select(Copy).where(Copy.run_id == run_id, Copy.number.in_(numbers), Copy.state == CopyState.AVAILABLE)
    copies = [copy for copy in _locked(session, wanted) if copy.state is CopyState.AVAILABLE]
    if sorted(copy.number or 0 for copy in copies) != sorted(numbers):
        return False
    for copy in copies:
        copy.state, copy.hold_id = CopyState.HELD, hold_id
        session.add(
            StockMovement(
                copy_id=copy.id,
                at=now,
                before=CopyState.AVAILABLE,
                after=CopyState.HELD,
                hold_id=hold_id,
                actor=actor,
                reason=reason,
            )
        )
    session.flush()
    return True


def allocate_free(session: Session, run_id: int, quantity: int, order_line_id: int, now: datetime) -> list[int]:
    """Move free copies straight to an order line (late money); their numbers, or [] when too few are free."""
    claimed = _claim(session, run_id, quantity, CopyState.ALLOCATED, line=order_line_id)
    _record(session, claimed, CopyState.ALLOCATED, now, MACHINE, line=order_line_id)
    return [number for number, _ in claimed]


def allocate_held(session: Session, hold_id: int, run_id: int, quantity: int, order_line_id: int, now: datetime) -> list[int]:
    """Move copies of one run from a hold to an order line, in the sequence of their rows; their numbers."""
    moved = sorted(ALLOCATE.rows(session, hold=hold_id, run=run_id, quantity=quantity, line=order_line_id))
    for _, copy_id in moved:
        ALLOCATED.rows(session, copy_id=copy_id, at=now, hold_id=hold_id, order_line_id=order_line_id)
    return [number for number, _ in moved]


def put_back_held(session: Session, hold_id: int, now: datetime, actor: str, reason: str) -> list[int]:
    """Put back all copies of a hold; their numbers."""
    return _move(session, select(Copy).where(Copy.hold_id == hold_id), CopyState.AVAILABLE, now, actor, reason)


def put_back_some(session: Session, hold_id: int, run_id: int, quantity: int, now: datetime) -> list[int]:
    """Put back the highest `quantity` numbers of one run from a hold; their numbers."""
    some = select(Copy).where(Copy.hold_id == hold_id, Copy.run_id == run_id).order_by(Copy.number.desc()).limit(quantity)
    return _move(session, some, CopyState.AVAILABLE, now, FAN)


def put_back_allocated(session: Session, order_line_ids: Sequence[int], now: datetime, actor: str, reason: str) -> list[int]:
    """Put back the copies of a cancelled order that have not been shipped; their numbers."""
    owned = select(Copy).where(Copy.order_line_id.in_(order_line_ids), Copy.state == CopyState.ALLOCATED)
    return _move(session, owned, CopyState.AVAILABLE, now, actor, reason)


def take_back(
    session: Session, copy_id: int, order_line_ids: Sequence[int], after: CopyState, now: datetime, actor: str, reason: str
) -> None:
    """Move one copy of an order back to stock or off sale, a shipped one too (a goods return).

    Conflict when it does not belong to these lines any more.
    """
    copy = _one(session, copy_id)
    if copy.order_line_id not in order_line_ids:
        raise Conflict("One of these copies does not belong to the order any more. Look at it again.")
    _change(session, [copy], after, now, actor, reason)


def ship(session: Session, order_line_ids: Sequence[int], now: datetime, actor: str) -> list[int]:
    """Mark the allocated copies of order lines as shipped; their numbers. The owner stays on the row."""
    owned = select(Copy).where(Copy.order_line_id.in_(order_line_ids), Copy.state == CopyState.ALLOCATED)
    copies = _locked(session, owned)
    lines = {copy.id: copy.order_line_id for copy in copies}
    _change(session, copies, CopyState.SHIPPED, now, actor, "", owners=lines)
    return [copy.number for copy in copies if copy.number is not None]


def withdraw(session: Session, copy_id: int, now: datetime, actor: str, reason: str) -> int | None:
    """Take a free copy off sale; its number. NotFound, or Conflict when it belongs to somebody or is withdrawn."""
    copy = _one(session, copy_id)
    if copy.state is not CopyState.AVAILABLE:
        raise Conflict(f"This copy is {copy.state}, so it cannot be withdrawn now. Only free copies can.")
    _change(session, [copy], CopyState.WITHDRAWN, now, actor, reason)
    return copy.number


def restore(session: Session, copy_id: int, now: datetime, actor: str, reason: str) -> int | None:
    """Put a withdrawn copy back on sale; its number. NotFound, or Conflict when it is not withdrawn."""
    copy = _one(session, copy_id)
    if copy.state is not CopyState.WITHDRAWN:
        raise Conflict(f"This copy is {copy.state}, not withdrawn, so there is nothing to put back.")
    _check_newest(session, copy)
    _change(session, [copy], CopyState.AVAILABLE, now, actor, reason)
    return copy.number


def replace(session: Session, copy_id: int, now: datetime, actor: str, reason: str, what: str = "a damaged one") -> Copy:
    """Withdraw a sold copy, and issue one of its run's reserve under the same number in its place; the copy that is new.

    `what` says in the new one's history what it stands for.

    NotFound, or Conflict when it does not belong to an order that is still here, or nothing is left of the reserve.
    """
    copy = _one(session, copy_id)
    if copy.state is not CopyState.ALLOCATED or copy.number is None:
        raise Conflict(f"This copy is {copy.state} by now, so it cannot be replaced. Look at it again.")
    spare, line = _spare(session, copy), copy.order_line_id
    shortfalls.make_good(session, copy.id, spare.id, ShortfallState.REPLACED, now)
    _change(session, [copy], CopyState.WITHDRAWN, now, actor, reason)
    words = f"{issue_words(spare.issue)}, for {what}"
    _change(session, [spare], CopyState.ALLOCATED, now, actor, words, owners={spare.id: line})
    return spare


def exchange(session: Session, copy_id: int, number: int, now: datetime, actor: str, reason: str) -> Copy:
    """Withdraw a sold copy, and let its owner have a free one of another number of the same run; that copy.

    NotFound, or Conflict when it does not belong to an order that is still here, or somebody has just taken the other.
    """
    copy = _one(session, copy_id)
    if copy.state is not CopyState.ALLOCATED:
        raise Conflict(f"This copy is {copy.state} by now, so no other can be had for it. Look at it again.")
    free = select(Copy).where(Copy.run_id == copy.run_id, Copy.number == number, Copy.state == CopyState.AVAILABLE)
    others = [each for each in _locked(session, free) if each.state is CopyState.AVAILABLE]
    if not others:
        raise Conflict("Somebody has just taken that number. Look again, then choose.")
    other, line = others[0], copy.order_line_id
    shortfalls.make_good(session, copy.id, other.id, ShortfallState.EXCHANGED, now)
    _change(session, [copy], CopyState.WITHDRAWN, now, actor, reason)
    _change(session, [other], CopyState.ALLOCATED, now, actor, "for one that did not come", owners={other.id: line})
    return other


def issue_again(session: Session, copy_id: int) -> Copy:
    """Give the number of a withdrawn copy to one of its run's reserve, which stays free; the copy that is new.

    Conflict when nothing is left of the reserve, or the number went to another copy already. The caller takes it in the same
    transaction: in between nobody else sees it.
    """
    copy = _one(session, copy_id)
    _check_newest(session, copy)
    spare = _spare(session, copy)
    session.flush()
    return spare


def next_free(session: Session, run_id: int, quantity: int) -> list[int]:
    """The lowest numbers of a run that are free, their copies locked; Conflict when they are fewer than `quantity`."""
    found = _first_free(session, run_id, quantity, numbered=True)
    free = session.scalars(select(Copy.number).where(Copy.id.in_(found)).order_by(Copy.number)).all()
    if len(free) < quantity:
        raise Conflict("Not enough copies of this run are free to send others in place of these.")
    return [number for number in free if number is not None]


def _first_free(session: Session, run_id: int, quantity: int, *, numbered: bool) -> Sequence[int]:
    """Free copies of a run, or of its reserve, locked; those that others are just claiming are passed over."""
    kind = Copy.number.is_not(None) if numbered else Copy.number.is_(None)
    free = select(Copy.id).where(Copy.run_id == run_id, kind, Copy.state == CopyState.AVAILABLE)
    return session.scalars(free.order_by(Copy.number, Copy.id).limit(quantity).with_for_update(skip_locked=True)).all()


def _spare(session: Session, copy: Copy) -> Copy:
    """One of the reserve, with the copy's number as its next issue."""
    reserve = _first_free(session, copy.run_id, 1, numbered=False)
    if not reserve:
        raise Conflict("Nothing is left of this run's reserve, so this copy cannot be replaced.")
    spare = _one(session, reserve[0])
    spare.number, spare.issue = copy.number, _last_issue(session, copy) + 1
    return spare


def _check_newest(session: Session, copy: Copy) -> None:
    if copy.state is not CopyState.WITHDRAWN or (copy.number is not None and _last_issue(session, copy) > copy.issue):
        raise Conflict("Another copy has this number by now, so it stays withdrawn. Look at it again.")


def _last_issue(session: Session, copy: Copy) -> int:
    """The newest issue of a copy's number."""
    return session.scalar(select(func.max(Copy.issue)).where(Copy.run_id == copy.run_id, Copy.number == copy.number)) or 0


def _one(session: Session, copy_id: int) -> Copy:
    found = _locked(session, select(Copy).where(Copy.id == copy_id))
    if not found:
        raise NotFound("There is no such copy.")
    return found[0]


def _claim(
    session: Session, run_id: int, quantity: int, after: CopyState, *, hold: int | None = None, line: int | None = None
) -> list[tuple[int, int]]:
    """Take exactly `quantity` available copies or none; (number, id) of each. Those that others are just taking are passed over."""
    claimed = take(quantity).rows(session, run=run_id, after=after, hold=hold, line=line)
    if len(claimed) == quantity:
        return sorted((number, id_) for number, id_ in claimed)
    if claimed:  # nobody has seen them move
        free = update(COPIES).values(state=CopyState.AVAILABLE, hold_id=None, order_line_id=None)
        session.connection().execute(free.where(COPIES.c.id.in_([id_ for _, id_ in claimed])))
    return []


def _move(session: Session, which: Select[Copy], after: CopyState, now: datetime, actor: str, reason: str = "") -> list[int]:
    copies = _locked(session, which)
    _change(session, copies, after, now, actor, reason)
    return [copy.number for copy in copies if copy.number is not None]


def _locked(session: Session, which: Select[Copy]) -> list[Copy]:
    """The copies, locked in one sequence (by key) and read again after locking."""
    ids = session.scalars(which.with_only_columns(Copy.id)).all()
    locked = select(Copy).where(Copy.id.in_(ids)).order_by(Copy.id).with_for_update()
    copies = session.scalars(locked, execution_options={"populate_existing": True}).all()
    return sorted(copies, key=lambda copy: (copy.run_id, copy.number or 0))


def _change(
    session: Session,
    copies: Iterable[Copy],
    after: CopyState,
    now: datetime,
    actor: str,
    reason: str,
    *,
    owners: dict[int, int | None] | None = None,
) -> None:
    copies = list(copies)
    absent = _absent(session, copies, after, now)
    for copy in copies:
        went = CopyState.WITHDRAWN if copy.id in absent else after
        check_copy(copy.state, went)
        line = (owners or {}).get(copy.id)
        session.add(
            StockMovement(
                copy_id=copy.id,
                at=now,
                before=copy.state,
                after=went,
                hold_id=copy.hold_id,
                order_line_id=line or copy.order_line_id,
                actor=actor,
                reason=f"{reason}; {shortfalls.WHY}" if copy.id in absent and after is CopyState.AVAILABLE else reason,
            )
        )
        copy.state, copy.hold_id, copy.order_line_id = went, None, line
    session.flush()


def _absent(session: Session, copies: Sequence[Copy], after: CopyState, now: datetime) -> set[int]:
    """Those that leave their order and never came from the plant: nobody can have them, so they go off sale instead."""
    if after not in {CopyState.AVAILABLE, CopyState.WITHDRAWN}:
        return set()
    return shortfalls.leave(session, [copy.id for copy in copies if copy.state is CopyState.ALLOCATED], now)


def _record(
    session: Session,
    copies: Sequence[tuple[int, int]],
    after: CopyState,
    now: datetime,
    actor: str,
    *,
    hold: int | None = None,
    line: int | None = None,
) -> None:
    """Write the movements of free copies, (number, id) each."""
    for _, copy_id in copies:
        MOVED.rows(session, copy_id=copy_id, at=now, after=after, actor=actor, hold_id=hold, order_line_id=line)

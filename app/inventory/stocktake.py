"""The only maker of copies: pressing a run makes its numbered copies, once, and copies for its reserve."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState


def press(session: Session, run_id: int, first_number: int, edition_size: int, now: datetime, actor: str) -> int:
    """Make the copies of a run, numbered from `first_number`; how many were made.

    The caller holds the run's row locked and has seen that it was not pressed before; the unique number would refuse anyway.
    """
    return _press(session, run_id, range(first_number, first_number + edition_size), now, actor, "pressed")


def press_more(session: Session, run_id: int, numbers: range, now: datetime, actor: str) -> int:
    """Make the copies that came beyond the edition, with the numbers after its last; how many.

    The caller holds the run's row locked and has made its edition larger.
    """
    return _press(session, run_id, numbers, now, actor, "came beyond the edition")


def press_reserve(session: Session, run_id: int, quantity: int, now: datetime, actor: str) -> None:
    """Make copies without a number: none of them is for sale, each can stand for a damaged one.

    The caller holds the run's row locked and has seen that the run is pressed.
    """
    made = [Copy(run_id=run_id, number=None, issue=0, state=CopyState.AVAILABLE) for _ in range(quantity)]
    session.add_all(made)
    session.flush()
    _note(session, [copy.id for copy in made], now, actor, "pressed for the reserve")


def _press(session: Session, run_id: int, numbers: range, now: datetime, actor: str, reason: str) -> int:
    rows = [{"run_id": run_id, "number": number, "issue": 0, "state": CopyState.AVAILABLE} for number in numbers]
    session.execute(insert(Copy), rows)
    made = (
        select(Copy.id)
        .where(Copy.run_id == run_id, Copy.number.between(numbers[0], numbers[-1]), Copy.issue == 0)
        .order_by(Copy.number)
    )
    _note(session, session.scalars(made).all(), now, actor, reason)
    return len(rows)


def _note(session: Session, ids: Sequence[int], now: datetime, actor: str, reason: str) -> None:
    """Each copy's first movement."""
    made = [
        {"copy_id": id_, "at": now, "before": None, "after": CopyState.AVAILABLE, "actor": actor, "reason": reason} for id_ in ids
    ]
    session.execute(insert(StockMovement), made)

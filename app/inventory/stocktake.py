"""The only maker of copies: pressing a run makes its numbered copies, once."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState


def press(session: Session, run_id: int, first_number: int, edition_size: int, now: datetime, actor: str) -> int:
    """Make the copies of a run, numbered from `first_number`; how many were made.

    The caller holds the run's row locked and has seen that it was not pressed before; the unique number would refuse anyway.
    """
    rows = [
        {"run_id": run_id, "number": number, "issue": 0, "state": CopyState.AVAILABLE}
        for number in range(first_number, first_number + edition_size)
    ]
    session.execute(insert(Copy), rows)
    ids = session.scalars(select(Copy.id).where(Copy.run_id == run_id).order_by(Copy.number)).all()
    made = [
        {"copy_id": id_, "at": now, "before": None, "after": CopyState.AVAILABLE, "actor": actor, "reason": "pressed"}
        for id_ in ids
    ]
    session.execute(insert(StockMovement), made)
    return len(ids)

"""The stickers of a run's copies: in number order, those of the reserve last."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.fulfilment.copy_sheet import PER_SHEET, Sticker
from app.inventory.codes import code_of
from app.inventory.models import Copy
from app.inventory.numbers import issue_words, padded
from app.inventory.states import CopyState
from app.reports import run_names

AT_ONCE = 10 * PER_SHEET


def stickers(session: Session, run: Run, page: int) -> list[Sticker]:
    """One bundle of the copies that are still there, from `page` 1; what was withdrawn needs none."""
    there = select(Copy).where(Copy.run_id == run.id, Copy.state != CopyState.WITHDRAWN)
    wanted = there.order_by(Copy.number.is_(None), Copy.number, Copy.id).limit(AT_ONCE).offset((page - 1) * AT_ONCE)
    name = run_names.names(session, [run.id])[run.id]
    return [_sticker(copy, name, run.last_number) for copy in session.scalars(wanted)]


def bundles(session: Session, run_id: int) -> int:
    """How many bundles it takes to print all of them."""
    there = select(func.count()).where(Copy.run_id == run_id, Copy.state != CopyState.WITHDRAWN)
    return -(-(session.scalar(there) or 0) // AT_ONCE)


def _sticker(copy: Copy, name: str, last: int) -> Sticker:
    number = f"№ {padded(copy.number, last)}" if copy.number is not None else ""
    return Sticker(name, number, issue_words(copy.issue) if copy.number is not None else "reserve", code_of(copy.id))

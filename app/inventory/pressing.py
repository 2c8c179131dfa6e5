"""Pressing a run: once, under its lock, all its numbered copies come to be."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue.runs import locked
from app.inventory import stocktake
from app.kernel.errors import Conflict


def press_run(session: Session, run_id: int, made: int, first: int, now: datetime, actor: str) -> int:
    """Make the copies of a run and note when; how many were made. NotFound, or Conflict when it is pressed already.

    `made` and `first` are what the person was shown: Conflict when the run was edited since.
    """
    run = locked(session, run_id)
    if run.pressed_at is not None:
        raise Conflict("This run is pressed already. Its copies exist; nothing was made twice.")
    if (run.edition_size, run.first_number) != (made, first):
        raise Conflict("Somebody changed this run's size or numbers while you were looking at it. Look again, then press it.")
    run.pressed_at = now
    return stocktake.press(session, run_id, run.first_number, run.edition_size, now, actor)

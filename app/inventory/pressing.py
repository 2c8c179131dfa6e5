"""Pressing a run: once, under its lock, all its numbered copies come to be; copies for its reserve at any time afterwards."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue.runs import locked
from app.inventory import counts, stocktake
from app.kernel.errors import Conflict

MOST = 10_000  # copies of an edition, as its table has it


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


def press_reserve(session: Session, run_id: int, quantity: int, left: int, now: datetime, actor: str) -> None:
    """Make copies for a run's reserve. NotFound, or Conflict when the run is not pressed yet.

    `left` is how many the person was shown: Conflict when there are more or fewer by now, so that one form makes them once.
    """
    run = locked(session, run_id)
    if run.pressed_at is None:
        raise Conflict("This run is not pressed yet. Press its numbered copies first, then those of the reserve.")
    if counts.reserve(session, run_id) != left:
        raise Conflict("The reserve changed while you were looking at it. Look again: perhaps these copies are there already.")
    stocktake.press_reserve(session, run_id, quantity, now, actor)


def press_more(session: Session, run_id: int, quantity: int, made: int, now: datetime, actor: str) -> range:
    """Make an edition larger by copies that came beyond it; their numbers, after the last. What was promised changes with it.

    `made` is the edition that the person was shown: Conflict when it is another one by now, or the run is not pressed yet.
    """
    run = locked(session, run_id)
    if run.pressed_at is None:
        raise Conflict("This run is not pressed yet. Change its size, then press it.")
    if run.edition_size != made:
        raise Conflict(
            "The edition was made larger while you were looking at it. Look again: perhaps these copies are there already."
        )
    if made + quantity > MOST:
        raise Conflict(f"An edition has at most {MOST} copies.")
    numbers = range(run.last_number + 1, run.last_number + 1 + quantity)
    run.edition_size += quantity
    session.flush()
    stocktake.press_more(session, run_id, numbers, now, actor)
    return numbers

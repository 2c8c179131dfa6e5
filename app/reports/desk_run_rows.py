"""The runs of releases as rows of a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.making import WORDS, Making
from app.catalogue.models import Release, Run
from app.inventory import counts


@dataclass(frozen=True)
class RunRow:
    """A run in a list; `copies` has a letter per copy, empty while it is only planned.

    `step` is how far a pre-order has come, in words; empty for what is none.
    """

    id: int
    title: str
    format: str
    edition_size: int
    first_number: int
    price: int
    currency: str
    pressed: bool
    copies: str
    step: str = ""


def runs_of(session: Session, release_ids: Sequence[int]) -> dict[int, list[RunRow]]:
    """The runs of some releases, in the sequence they were planned."""
    wanted = select(Run).where(Run.release_id.in_(release_ids)).order_by(Run.id)
    runs = session.scalars(wanted.options(joinedload(Run.release).joinedload(Release.label))).all()
    stock = counts.stock(session, [run.id for run in runs])
    steps = _steps(session, runs)
    found: dict[int, list[RunRow]] = {release_id: [] for release_id in release_ids}
    for run in runs:
        found[run.release_id].append(_row(run, stock[run.id].copies, steps.get(run.id, "")))
    return found


def _steps(session: Session, runs: Sequence[Run]) -> dict[int, str]:
    """Asked for only where there is a pre-order."""
    made = [run.id for run in runs if run.preorder]
    found = session.execute(select(Making.run_id, Making.step).where(Making.run_id.in_(made))) if made else ()
    return {run_id: WORDS[step] for run_id, step in found}


def _row(run: Run, copies: str, step: str) -> RunRow:
    """A run as a row."""
    return RunRow(
        run.id,
        run.title,
        run.format,
        run.edition_size,
        run.first_number,
        run.price,
        run.release.label.currency,
        run.pressed_at is not None,
        copies,
        step,
    )

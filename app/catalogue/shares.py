"""Shares: who gets how much of what a run brings, from which day on; pure, save for the last function."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import WHOLE, MakerShare
from app.catalogue.models import Run
from app.kernel.errors import BadInput


@dataclass(frozen=True)
class Term:
    """What holds for a maker and a run: a share in basis points, of all that is left or of what is left after the costs."""

    basis_points: int = 0
    costs_first: bool = True


NOTHING = Term()


@dataclass(frozen=True)
class Terms:
    """What holds for one maker and one run on each day: rows for the run, in whose absence those for its release do."""

    own: tuple[tuple[date, Term], ...]
    of_release: tuple[tuple[date, Term], ...]

    def on(self, day: date) -> Term:
        """What holds on a day."""
        return _last(self.own, day) or _last(self.of_release, day) or NOTHING

    @property
    def days(self) -> frozenset[date]:
        """On which something changes."""
        return frozenset(day for day, _ in (*self.own, *self.of_release))


def terms(rows: Iterable[MakerShare], maker_id: int, run_id: int, release_id: int) -> Terms:
    """One maker's terms for a run, from rows in the sequence in which they were written."""
    mine = [row for row in rows if row.maker_id == maker_id and row.release_id == release_id]
    return Terms(_dated(row for row in mine if row.run_id == run_id), _dated(row for row in mine if row.run_id is None))


def too_much(rows: Sequence[MakerShare], run_id: int, release_id: int) -> tuple[date, int] | None:
    """The first day on which the makers of a run would get more than the whole together, and how much; None when they never do."""
    every = [terms(rows, maker_id, run_id, release_id) for maker_id in {row.maker_id for row in rows}]
    for day in sorted(frozenset[date]().union(*(each.days for each in every))):
        whole = sum(each.on(day).basis_points for each in every)
        if whole > WHOLE:
            return day, whole
    return None


def write(session: Session, row: MakerShare) -> None:
    """Add a row to a locked release. BadInput when somebody's share would have to come from nowhere."""
    runs = list(session.scalars(select(Run.id).where(Run.release_id == row.release_id).order_by(Run.id)))
    if row.run_id is not None and row.run_id not in runs:
        raise BadInput("", {"run": "Choose one of the list."})
    rows = [*of_releases(session, [row.release_id]), row]
    for run_id in runs or [0]:  # a release without runs has its own shares all the same
        found = too_much(rows, run_id, row.release_id)
        if found is not None:
            day, whole = found
            sentence = f"All makers together would get {per_cent(whole)} % from {day} on. Lower another share first."
            raise BadInput("", {"share": sentence})
    session.add(row)
    session.flush()


def of_releases(session: Session, release_ids: Collection[int]) -> list[MakerShare]:
    """All rows of some releases, in the sequence in which they were written."""
    return list(session.scalars(select(MakerShare).where(MakerShare.release_id.in_(release_ids)).order_by(MakerShare.id)))


def per_cent(basis_points: int) -> str:
    """33.33 for 3333; 50 for 5000."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else f"{whole}"


def _dated(rows: Iterable[MakerShare]) -> tuple[tuple[date, Term], ...]:
    by_day = {row.begins_on: Term(row.basis_points, row.costs_first) for row in rows}  # of one day the last written holds
    return tuple(sorted(by_day.items(), key=lambda each: each[0]))


def _last(rows: Sequence[tuple[date, Term]], day: date) -> Term | None:
    return next((term for begins, term in reversed(rows) if begins <= day), None)

"""What the copies of a run are called where they stand in a line: `TAPE-019 № 017 · ZINE-010 № 003`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from app.catalogue.formats import WORDS
from app.catalogue.models import Release, Run
from app.inventory.models import Copy
from app.inventory.numbers import issue_words, listed, numbered
from app.reports.run_facts import RunFacts, with_siblings

# Each way tells more than the one before; a release uses the first that tells its runs apart.
_WAYS: tuple[Callable[[RunFacts], str], ...] = (
    lambda run: run.catalogue_number,
    lambda run: f"{run.catalogue_number} {WORDS[run.format]}",
    lambda run: f"{run.catalogue_number} “{run.title}”",
    lambda run: run.slug,
)


class Named(Protocol):
    """Some copies of one run: what the run is called, their numbers, and its highest number."""

    @property
    def name(self) -> str:
        """The run's name, as `names` makes it."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The copies' own numbers."""

    @property
    def last(self) -> int:
        """The highest number of the run."""


@dataclass(frozen=True)
class SomeCopies:
    """Some copies of one run, and nothing else about it."""

    name: str
    numbers: tuple[int, ...]
    last: int


def names(session: Session, run_ids: Iterable[int]) -> dict[int, str]:
    """What each run is called: by its catalogue number, and by its format or title where the release has several runs."""
    return called(with_siblings(session, set(run_ids)))


def called(runs: Iterable[RunFacts]) -> dict[int, str]:
    """The same of runs that are at hand, those of one release together."""
    found: dict[int, str] = {}
    for _, group in groupby(runs, key=lambda run: run.release_id):
        found |= _apart(list(group))
    return found


def copy_names(session: Session, copy_ids: Iterable[int]) -> dict[int, str]:
    """What each copy is called: `TAPE-014 № 017/100`; one of the reserve has no number yet."""
    copies = session.execute(select(Copy, Run).join(Run, Run.id == Copy.run_id).where(Copy.id.in_(set(copy_ids)))).all()
    known = names(session, [run.id for _, run in copies])
    return {copy.id: copy_name(known[run.id], copy.number, run.last_number, copy.issue) for copy, run in copies}


def copy_name(run: str, number: int | None, last: int, issue: int = 0) -> str:
    """One copy of a run that is called so; one that stands for a damaged one says so."""
    if number is None:
        return f"{run} reserve"
    return ", ".join(filter(None, (f"{run} {numbered([number], last)}", issue_words(issue))))


def said(copies: Sequence[Named]) -> str:
    """Copies in a line; runs without any are left out."""
    return " · ".join(f"{each.name} {listed(each.numbers, each.last)}" for each in copies if each.numbers)


def is_called(typed: str) -> ColumnElement[bool]:
    """The condition on (Run, Release) that this is one of the names that the run may have."""
    number = Release.catalogue_number
    ways = (number, number + " " + case(WORDS, value=Run.format), number + " “" + Run.title + "”", Run.slug)
    return or_(*(func.lower(way) == func.lower(typed) for way in ways))


def _apart(runs: Sequence[RunFacts]) -> dict[int, str]:
    """The runs of one release, each called differently."""
    found: dict[int, str] = {}
    for way in _WAYS:
        found = {run.id: way(run) for run in runs}
        if len(set(found.values())) == len(runs):
            break
    return found

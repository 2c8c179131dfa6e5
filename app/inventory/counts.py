"""How many copies of a run are where; always counted from the rows, never kept in a counter."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.schema import is_one_of, table
from app.kernel.several import Several

LETTERS = {
    CopyState.AVAILABLE: "a",
    CopyState.HELD: "h",
    CopyState.ALLOCATED: "s",
    CopyState.SHIPPED: "s",
    CopyState.WITHDRAWN: "w",
}


_COPIES = table(Copy).c
_LATER = table(Copy).alias("later").c
# A number's place on the strip is its newest issue's: one that was withdrawn and replaced stands aside.
_NEWEST = or_(
    ~is_one_of(_COPIES.state, CopyState.WITHDRAWN),
    ~exists().where(_LATER.run_id == _COPIES.run_id, _LATER.number == _COPIES.number, _LATER.issue > _COPIES.issue),
)
_STATES = Several(  # the states as plain text: making an enum of each copy's would take longer than all the rest
    lambda run_ids: (
        select(_COPIES.run_id, type_coerce(_COPIES.state, Text))
        .where(_COPIES.run_id.in_(run_ids), _COPIES.number.is_not(None), _NEWEST)
        .order_by(_COPIES.run_id, _COPIES.number, _COPIES.issue)
    )
)
_OF_LINES = Several(
    lambda line_ids: (
        select(_COPIES.order_line_id, _COPIES.number, _COPIES.issue)
        .where(_COPIES.order_line_id.in_(line_ids))
        .order_by(_COPIES.order_line_id, _COPIES.number)
    )
)


@dataclass(frozen=True)
class Stock:
    """The copies of one run: `copies` has a letter per numbered copy, in sequence: a(vailable), h(eld), s(old), w(ithdrawn)."""

    run_id: int
    copies: str

    @property
    def made(self) -> int:
        """How many numbered copies there are."""
        return len(self.copies)

    @property
    def available(self) -> int:
        """Free to be held."""
        return self.copies.count("a")

    @property
    def held(self) -> int:
        """In somebody's hold."""
        return self.copies.count("h")

    @property
    def sold(self) -> int:
        """Allocated to an order or shipped."""
        return self.copies.count("s")

    @property
    def withdrawn(self) -> int:
        """Taken off sale."""
        return self.copies.count("w")


def stock(session: Session, run_ids: Sequence[int]) -> dict[int, Stock]:
    """The stock of some runs; a run without copies has an empty one."""
    letters: dict[int, list[str]] = {run_id: [] for run_id in run_ids}
    for run_id, state in _STATES.rows(session, letters):
        letters[run_id].append(LETTERS[state])
    return {run_id: Stock(run_id, "".join(line)) for run_id, line in letters.items()}


@dataclass(frozen=True)
class Tally:
    """How many numbered copies a run has, and how many of them are free, held, and sold (allocated to an order or shipped)."""

    made: int
    available: int
    held: int
    sold: int


def tally(session: Session, run_id: int) -> Tally:
    """A run's copies, counted."""
    return tallies(session, [run_id])[run_id]


def tallies(session: Session, run_ids: Collection[int]) -> dict[int, Tally]:
    """The copies of some runs, counted by the database: where nobody looks at each of them."""
    numbered = select(_COPIES.run_id, _COPIES.state, func.count()).where(
        _COPIES.run_id.in_(run_ids), _COPIES.number.is_not(None), _NEWEST
    )
    found: dict[int, Counter[str]] = {run_id: Counter() for run_id in run_ids}
    for run_id, state, many in session.execute(numbered.group_by(_COPIES.run_id, _COPIES.state)):
        found[run_id][LETTERS[state]] += many
    return {run_id: Tally(made.total(), made["a"], made["h"], made["s"]) for run_id, made in found.items()}


def available(session: Session, run_id: int) -> int:
    """How many copies of a run are free."""
    free = select(func.count()).where(Copy.run_id == run_id, is_one_of(Copy.state, CopyState.AVAILABLE), Copy.number.is_not(None))
    return session.scalar(free) or 0


def reserve(session: Session, run_id: int) -> int:
    """How many copies of a run's reserve are left."""
    left = select(func.count()).where(Copy.run_id == run_id, Copy.number.is_(None), Copy.state == CopyState.AVAILABLE)
    return session.scalar(left) or 0


@dataclass(frozen=True)
class Owned:
    """A copy that belongs to an order line."""

    copy_id: int
    order_line_id: int
    run_id: int
    number: int | None
    state: CopyState


def owned_by_lines(session: Session, line_ids: Sequence[int]) -> list[Owned]:
    """The copies of some order lines, by line and number."""
    wanted = select(Copy.id, Copy.order_line_id, Copy.run_id, Copy.number, Copy.state).where(Copy.order_line_id.in_(line_ids))
    rows = session.execute(wanted.order_by(Copy.order_line_id, Copy.number))
    return [Owned(id_, line, run, number, state) for id_, line, run, number, state in rows if line is not None]


def numbers_of_lines(session: Session, line_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The copy numbers that belong to each order line."""
    return {line_id: tuple(issues) for line_id, issues in issues_of_lines(session, line_ids).items()}


def issues_of_lines(session: Session, line_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """The copies that belong to each order line: their numbers, each with its issue."""
    found: dict[int, dict[int, int]] = {line_id: {} for line_id in line_ids}
    for line_id, number, issue in _OF_LINES.rows(session, found):
        if number is not None:
            found[line_id][number] = issue
    return found

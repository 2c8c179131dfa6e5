"""The lines behind a figure of the books: each with its order, a page at a time, or all of them for a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Release, Run
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.orders.models import Order
from app.reports import run_names
from app.reports.book_lines import lines
from app.reports.book_wish import Kind, Wish

PAGE = 100


@dataclass(frozen=True)
class BookLine:
    """One line: when, what, of which order and run; copies and amount are below zero for what went back."""

    at: datetime
    kind: Kind
    order_id: int
    reference: str
    run: str
    country: str
    copies: int
    amount: Money


@dataclass(frozen=True)
class Trace:
    """A page of lines, and what all of them add up to."""

    lines: tuple[BookLine, ...]
    total: int
    copies: int
    amount: Money


def trace(session: Session, wish: Wish, currency: str, page: int) -> Trace:
    """The page (from 1) of the lines wished for, oldest first."""
    found = lines(wish)
    sums = select(func.count(), func.coalesce(func.sum(found.c.copies), 0), func.coalesce(func.sum(found.c.amount), 0))
    total, copies, amount = session.execute(sums.select_from(found)).one()
    rows = session.execute(_listed(wish, (page - 1) * PAGE)).all()
    called = run_names.names(session, [row.run_id for row in rows if row.run_id is not None])
    return Trace(tuple(_line(row, called, currency) for row in rows), total, int(copies), Money(int(amount), currency))


def every(session: Session, wish: Wish, currency: str) -> Iterator[BookLine]:
    """All of the lines wished for, oldest first, read in batches."""
    called: dict[int, str] = {}
    for batch in session.execute(_listed(wish), execution_options={"yield_per": 500}).partitions():
        new = {row.run_id for row in batch if row.run_id is not None and row.run_id not in called}
        called |= run_names.names(session, sorted(new)) if new else {}
        yield from (_line(row, called, currency) for row in batch)


def run_name(session: Session, wish: Wish) -> str:
    """What the run wished for is called. NotFound when it is not one of the label's."""
    mine = select(Run.id).join(Release, Release.id == Run.release_id).where(Release.label_id == wish.label_id)
    run_id = session.scalar(mine.where(Run.id == wish.run_id))
    if run_id is None:
        raise NotFound("There is no such run.")
    return run_names.names(session, [run_id])[run_id]


def _listed(wish: Wish, after: int | None = None) -> Select[*tuple[Any, ...]]:
    """All lines in sequence, or a page of them after so many; the orders are joined to that page alone."""
    found = lines(wish)
    if after is not None:
        found = select(found).order_by(*_sequence(found)).limit(PAGE).offset(after).subquery()
    return select(found, Order.number).join(Order, Order.id == found.c.order_id).order_by(*_sequence(found))


def _sequence(found: Subquery) -> tuple[ColumnElement[Any], ...]:
    return found.c.at, found.c.order_id, found.c.kind, found.c.run_id, found.c.amount


def _line(row: Any, called: Mapping[int, str], currency: str) -> BookLine:
    return BookLine(
        at=row.at,
        kind=Kind(row.kind),
        order_id=row.order_id,
        reference=f"{row.number:05d}",
        run=called[row.run_id] if row.run_id is not None else "",
        country=row.country,
        copies=int(row.copies),
        amount=Money(int(row.amount), currency),
    )

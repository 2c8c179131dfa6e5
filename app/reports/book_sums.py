"""Sums over the lines of the books: the database adds up what shares a minute and all else, the rest is added up here."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Subquery, case, func, select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.reports.book_wish import Kind
from app.reports.minutes import instant, minute_of


@dataclass(frozen=True)
class Sum:
    """What some lines add up to: copies less those that came back, what was taken, and what went back (not below zero)."""

    copies: int
    taken: Money
    back: Money

    @property
    def kept(self) -> Money:
        """What is left."""
        return self.taken - self.back


@dataclass(frozen=True)
class Part:
    """What the lines of one minute add up to; amounts in minor units, both not below zero."""

    at: datetime
    copies: int
    taken: int
    back: int


@dataclass(frozen=True)
class BookPart(Part):
    """Lines of one minute, kind, run and country, and how many they are."""

    kind: Kind
    run_id: int | None
    country: str
    lines: int


Some = TypeVar("Some", bound=Part)
Key = TypeVar("Key", bound=Hashable)


def parts(session: Session, found: Subquery) -> tuple[BookPart, ...]:
    """All lines in parts, in one pass: each sum of the books is made of these."""
    key = (minute_of(found.c.at), found.c.kind, found.c.run_id, found.c.country)
    sums = (func.sum(found.c.copies), *signs(found.c.amount), func.count())
    return tuple(
        BookPart(instant(at), int(copies), int(taken), int(back), Kind(kind), run_id, country, lines)
        for at, kind, run_id, country, copies, taken, back, lines in session.execute(select(*key, *sums).group_by(*key))
    )


def signs(amount: ColumnElement[Any]) -> Iterator[ColumnElement[Any]]:
    """The sum of what is above zero, and of what is below, without its sign."""
    yield func.sum(case((amount > 0, amount), else_=0))
    yield func.sum(case((amount < 0, -amount), else_=0))


def summed(every: Iterable[Some], by: Callable[[Some], Key], currency: str) -> dict[Key, Sum]:
    """Parts added up for each value of `by`."""
    found: dict[Key, list[int]] = {}
    for part in every:
        mine = found.setdefault(by(part), [0, 0, 0])
        for at, number in enumerate((part.copies, part.taken, part.back)):
            mine[at] += number
    return {key: Sum(copies, Money(taken, currency), Money(back, currency)) for key, (copies, taken, back) in found.items()}

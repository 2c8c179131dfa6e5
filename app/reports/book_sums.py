"""Sums over the lines of the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, select

from app.kernel.money import Money


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


def summed(found: Subquery, by: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """For each value of `by`: the value, copies, what was taken and what went back."""
    taken = case((found.c.amount > 0, found.c.amount), else_=0)
    back = case((found.c.amount < 0, -found.c.amount), else_=0)
    return select(by, func.sum(found.c.copies), func.sum(taken), func.sum(back)).group_by(by)


def sum_of(row: Sequence[Any], currency: str) -> Sum:
    """The last three of such a row."""
    copies, taken, back = (int(number) for number in row)
    return Sum(copies, Money(taken, currency), Money(back, currency))

"""The books by day, or by month where the period is long."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import String, Subquery, cast, func
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.reports.book_period import Period
from app.reports.book_sums import Sum, summed

MOST_DAYS = 100  # a quarter and some days: what is longer goes by months


@dataclass(frozen=True)
class Stretch:
    """A day or a month and what it brought; `last` is its last day."""

    first: date
    last: date
    sum: Sum


def by_day(session: Session, found: Subquery, period: Period, currency: str) -> tuple[Stretch, ...]:
    """Summed by the minute in the database and by the zone's day here: a day begins at another minute in each zone."""
    minute = func.substr(cast(found.c.at, String), 1, 16)  # "2026-11-27 19:05", in UTC on both databases
    copies, taken, back = Counter[date](), Counter[date](), Counter[date]()
    for text, *row in session.execute(summed(found, minute)):
        day = period.day_of(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC))
        first = day.replace(day=1) if period.days > MOST_DAYS else day
        for kept, number in zip((copies, taken, back), row, strict=True):
            kept[first] += int(number)
    return tuple(
        Stretch(first, last, Sum(copies[first], Money(taken[first], currency), Money(back[first], currency)))
        for first, last in _stretches(period)
    )


def _stretches(period: Period) -> Sequence[tuple[date, date]]:
    every = [period.first + timedelta(days=number) for number in range(period.days)]
    if period.days <= MOST_DAYS:
        return [(day, day) for day in every]
    months: dict[date, date] = {}
    for day in every:
        months[day.replace(day=1)] = day
    return list(months.items())

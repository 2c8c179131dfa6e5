"""The books by day, or by month where the period is long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.money import Money
from app.reports.book_period import Period
from app.reports.book_sums import Part, Sum, summed

MOST_DAYS = 100  # a quarter and some days: what is longer goes by months


@dataclass(frozen=True)
class Stretch:
    """A day or a month, as far as it lies in the period, and what it brought; `last` is its last day."""

    first: date
    last: date
    sum: Sum


def by_day(parts: Iterable[Part], period: Period, currency: str) -> tuple[Stretch, ...]:
    """By the zone's day, which begins at another minute in each zone; those without a line are there too."""

    def first(part: Part) -> date:
        day = period.day_of(part.at)
        return _first_of(day, period) if period.days > MOST_DAYS else day

    sums, nothing = summed(parts, first, currency), Sum(0, Money(0, currency), Money(0, currency))
    stretches = _stretches(period)
    return tuple(Stretch(begins, last, sums.get(begins, nothing)) for begins, last in stretches)


def _stretches(period: Period) -> Sequence[tuple[date, date]]:
    every = [period.first + timedelta(days=number) for number in range(period.days)]
    if period.days <= MOST_DAYS:
        return [(day, day) for day in every]
    months: dict[date, date] = {}
    for day in every:
        months[_first_of(day, period)] = day
    return list(months.items())


def _first_of(day: date, period: Period) -> date:
    """When the month of a day begins, or the period within it: a link to its lines leads to no others."""
    return max(day.replace(day=1), period.first)

"""A label's books of a period: what was sold and what went back, by run, by country and by day, and what became of the runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.money import Money
from app.reports import countries
from app.reports.book_days import MOST_DAYS, Stretch, by_day
from app.reports.book_lines import lines
from app.reports.book_period import Period
from app.reports.book_runs import RunSum, by_run
from app.reports.book_sums import Sum, sum_of, summed
from app.reports.book_wish import TAKEN, Kind, Wish
from app.reports.vat_book import tax_in
from app.reports.vat_lines import VatWish


@dataclass(frozen=True)
class Books:
    """All sums of one label and period; `kinds` has every kind that occurred, `by_day` every day (or month), in sequence."""

    label_id: int
    label: str
    period: Period
    whole: Sum
    kinds: tuple[tuple[Kind, Money, int], ...]
    by_run: tuple[RunSum, ...]
    by_country: tuple[tuple[str, str, Sum], ...]
    by_day: tuple[Stretch, ...]
    by_month: bool
    vat: Money


def books(session: Session, label: Label, period: Period) -> Books:
    """The books of a label."""
    found = lines(Wish(label.id, period))
    kinds = tuple(_kinds(session, found, label.currency))
    days = by_day(session, found, period, label.currency)
    return Books(
        label_id=label.id,
        label=label.name,
        period=period,
        whole=_whole(kinds, days, label.currency),
        kinds=kinds,
        by_run=by_run(session, found, label.currency),
        by_country=_by_country(session, found, label.currency),
        by_day=days,
        by_month=period.days > MOST_DAYS,
        vat=tax_in(session, VatWish(label.id, period), label.currency),
    )


def _kinds(session: Session, found: Subquery, currency: str) -> Sequence[tuple[Kind, Money, int]]:
    rows = session.execute(select(found.c.kind, func.sum(found.c.amount), func.count()).group_by(found.c.kind))
    sums = {Kind(kind): (Money(int(amount), currency), number) for kind, amount, number in rows}
    return [(kind, *sums[kind]) for kind in Kind if kind in sums]


def _whole(kinds: Sequence[tuple[Kind, Money, int]], days: Sequence[Stretch], currency: str) -> Sum:
    taken = sum(amount.amount for kind, amount, _ in kinds if kind in TAKEN)
    back = -sum(amount.amount for kind, amount, _ in kinds if kind not in TAKEN)
    return Sum(sum(day.sum.copies for day in days), Money(taken, currency), Money(back, currency))


def _by_country(session: Session, found: Subquery, currency: str) -> tuple[tuple[str, str, Sum], ...]:
    """Code, name and sum, the largest first; what was sold without an address has no code."""
    rows = [(code, sum_of(row, currency)) for code, *row in session.execute(summed(found, found.c.country))]
    names = dict(countries.named([code for code, _ in rows if code]))
    largest = sorted(rows, key=lambda row: (-row[1].kept.amount, row[0]))
    return tuple((code, names.get(code, code), each) for code, each in largest)

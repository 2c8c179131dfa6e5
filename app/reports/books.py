"""A label's books of a period: what was sold and what went back, by run, by country and by day, and what became of the runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.money import Money
from app.reports import countries
from app.reports.book_days import MOST_DAYS, Stretch, by_day
from app.reports.book_lines import lines
from app.reports.book_period import Period
from app.reports.book_runs import RunSum, by_run
from app.reports.book_sums import BookPart, Sum, parts, summed
from app.reports.book_wish import Kind, Wish
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
    every = parts(session, lines(Wish(label.id, period)))
    return Books(
        label_id=label.id,
        label=label.name,
        period=period,
        whole=_sum(every, label.currency),
        kinds=tuple(_kinds(every, label.currency)),
        by_run=by_run(session, every, label.currency),
        by_country=_by_country(every, label.currency),
        by_day=by_day(every, period, label.currency),
        by_month=period.days > MOST_DAYS,
        vat=tax_in(session, VatWish(label.id, period), label.currency),
    )


def _sum(every: Sequence[BookPart], currency: str) -> Sum:
    nothing = Sum(0, Money(0, currency), Money(0, currency))
    return summed(every, lambda _: None, currency).get(None, nothing)


def _kinds(every: Sequence[BookPart], currency: str) -> Iterator[tuple[Kind, Money, int]]:
    sums = summed(every, lambda part: part.kind, currency)
    for kind in Kind:
        if kind in sums:
            yield kind, sums[kind].kept, sum(part.lines for part in every if part.kind is kind)


def _by_country(every: Sequence[BookPart], currency: str) -> tuple[tuple[str, str, Sum], ...]:
    """Code, name and sum, the largest first; what was sold without an address has no code."""
    sums = summed(every, lambda part: part.country, currency)
    names = dict(countries.named([code for code in sums if code]))
    largest = sorted(sums.items(), key=lambda row: (-row[1].kept.amount, row[0]))
    return tuple((code, names.get(code, code), each) for code, each in largest)

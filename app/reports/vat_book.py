"""A label's VAT in one quarter: by country and rate, what of it belongs into which return, and what corrects an earlier quarter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.money import Money
from app.orders.vat_models import TaxedAs
from app.reports import countries
from app.reports.book_days import Stretch, by_day
from app.reports.book_sums import Part, signs
from app.reports.minutes import instant, minute_of
from app.reports.vat_lines import VatWish, lines
from app.reports.vat_quarter import Quarter, of_moment
from app.reports.vat_shown import percent

RETURNS = (TaxedAs.OSS, TaxedAs.HOME, TaxedAs.STRIPE, TaxedAs.EXPORT, TaxedAs.NONE)


@dataclass(frozen=True)
class VatRow:
    """What one country and rate comes to; `corrects` is the quarter it belongs to: the book's own, or an earlier one."""

    taxed_as: TaxedAs
    country: str
    name: str
    rate: int
    percent: str
    corrects: Quarter
    net: Money
    tax: Money


@dataclass(frozen=True)
class VatBook:
    """One quarter. `unsaid` is what was sold while the label had not said how it keeps VAT, and stands in no row."""

    label_id: int
    label: str
    quarter: Quarter
    rows: tuple[VatRow, ...]
    by_day: tuple[Stretch, ...]
    unsaid: Money
    net: Money
    tax: Money

    def of(self, taxed_as: str, *, earlier: bool = False) -> tuple[VatRow, ...]:
        """The rows of one return: those of this quarter, or those that correct an earlier one."""
        return tuple(row for row in self.rows if row.taxed_as == taxed_as and (row.corrects != self.quarter) == earlier)


@dataclass(frozen=True)
class _VatPart(Part):
    """Lines of one minute and all else alike; `taken` and `back` are their tax."""

    taxed_as: TaxedAs
    country: str
    rate: int
    corrects: Quarter
    net: int


def vat_book(session: Session, label: Label, quarter: Quarter) -> VatBook:
    """The book of a quarter."""
    every = _parts(session, lines(VatWish(label.id, quarter.period)), quarter)
    kept = [part for part in every if part.taxed_as is not TaxedAs.UNSAID]
    rows = tuple(_rows(kept, label.currency))
    return VatBook(
        label_id=label.id,
        label=label.name,
        quarter=quarter,
        rows=rows,
        by_day=by_day(kept, quarter.period, label.currency),
        unsaid=Money(sum(part.net for part in every if part.taxed_as is TaxedAs.UNSAID), label.currency),
        net=_sum((row.net for row in rows), label.currency),
        tax=_sum((row.tax for row in rows), label.currency),
    )


def tax_in(session: Session, wish: VatWish, currency: str) -> Money:
    """What of a period's sales is VAT, less what was corrected in it."""
    return Money(int(session.scalar(select(func.coalesce(func.sum(lines(wish).c.tax), 0))) or 0), currency)


def _parts(session: Session, found: Subquery, quarter: Quarter) -> tuple[_VatPart, ...]:
    """All lines of the quarter in one pass. Of those that correct an earlier one the moment of the sale tells which."""
    before = case((found.c.sold_at < quarter.period.begins, found.c.sold_at))
    key = (minute_of(found.c.at), found.c.taxed_as, found.c.country, found.c.rate, before)
    sums = (*signs(found.c.tax), func.sum(found.c.net))
    return tuple(
        _VatPart(
            at=instant(at), copies=0, taken=int(taken), back=int(back), taxed_as=taxed_as, country=country, rate=rate,
            corrects=of_moment(sold_at, quarter.zone) if sold_at is not None else quarter, net=int(net),
        )
        for at, taxed_as, country, rate, sold_at, taken, back, net in session.execute(select(*key, *sums).group_by(*key))
    )  # fmt: skip


def _rows(parts: Iterable[_VatPart], currency: str) -> Iterator[VatRow]:
    """By return, country, rate and quarter; sales and what was corrected of them at once are one sum."""
    merged: dict[tuple[Any, ...], tuple[int, int]] = {}
    for part in parts:
        of = (part.taxed_as, part.country, part.rate, part.corrects)
        net, tax = merged.get(of, (0, 0))
        merged[of] = (net + part.net, tax + part.taken - part.back)
    for (as_what, country, rate, corrects), (net, tax) in sorted(merged.items(), key=lambda item: _place(item[0])):
        name = countries.name(country) if country else ""
        yield VatRow(as_what, country, name, rate, percent(rate), corrects, Money(net, currency), Money(tax, currency))


def _place(key: tuple[Any, ...]) -> tuple[Any, ...]:
    as_what, country, rate, corrects = key
    return (RETURNS.index(as_what) if as_what in RETURNS else 9, countries.name(country) if country else "", -rate, corrects)


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, start=Money(0, currency))

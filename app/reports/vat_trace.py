"""The lines behind a figure of VAT, a page at a time or all of them, and the book as tables for files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.orders.models import Order, OrderLine
from app.orders.vat_models import TaxedAs
from app.reports import countries
from app.reports.sheets import Row, Sheet
from app.reports.vat_book import VatBook
from app.reports.vat_lines import VatWish, lines
from app.reports.vat_quarter import Quarter, of_moment
from app.reports.vat_shown import percent

PAGE = 100


@dataclass(frozen=True)
class VatLine:
    """One line: when, of which order, for what (empty for postage), and which quarter it belongs to."""

    at: datetime
    what: str
    order_id: int
    reference: str
    text: str
    taxed_as: TaxedAs
    country: str
    percent: str
    corrects: Quarter
    net: Money
    tax: Money


@dataclass(frozen=True)
class VatTrace:
    """A page of lines, and what all of them add up to."""

    lines: tuple[VatLine, ...]
    total: int
    net: Money
    tax: Money


def trace(session: Session, wish: VatWish, currency: str, page: int) -> VatTrace:
    """The page (from 1) of the lines wished for, oldest first."""
    found = lines(wish)
    sums = select(func.count(), func.coalesce(func.sum(found.c.net), 0), func.coalesce(func.sum(found.c.tax), 0))
    total, net, tax = session.execute(sums.select_from(found)).one()
    rows = session.execute(_listed(wish).limit(PAGE).offset((page - 1) * PAGE)).all()
    shown = tuple(_line(row, wish.period.zone, currency) for row in rows)
    return VatTrace(shown, total, Money(int(net), currency), Money(int(tax), currency))


def every(session: Session, wish: VatWish, currency: str) -> Iterator[VatLine]:
    """All of the lines wished for, oldest first, read in batches."""
    for row in session.execute(_listed(wish), execution_options={"yield_per": 500}):
        yield _line(row, wish.period.zone, currency)


def of_book(book: VatBook) -> Sheet:
    """A row for each return, country, rate and quarter."""
    heads = ("return", "country", "name", "rate_per_cent", "of_quarter", "net", "vat", "currency")
    rows = (
        (
            row.taxed_as.value,
            row.country,
            row.name,
            row.percent,
            row.corrects.key,
            row.net.decimal,
            row.tax.decimal,
            row.net.currency,
        )
        for row in book.rows
    )
    return Sheet("VAT", heads, rows)


def of_lines(found: Iterable[VatLine]) -> Sheet:
    """A row per line, its instant in UTC."""
    heads = ("at", "what", "order", "for", "return", "country", "rate_per_cent", "of_quarter", "net", "vat", "currency")
    return Sheet("Lines", heads, _rows(found))


def _rows(found: Iterable[VatLine]) -> Iterator[Row]:
    for line in found:
        about = (line.taxed_as.value, line.country, line.percent, line.corrects.key)
        money = (line.net.decimal, line.tax.decimal, line.net.currency)
        yield (f"{line.at:%Y-%m-%dT%H:%M:%SZ}", line.what, line.reference, line.text, *about, *money)


def _listed(wish: VatWish) -> Select[*tuple[Any, ...]]:
    found = lines(wish)
    wanted = select(found, Order.number, OrderLine.title).join(Order, Order.id == found.c.order_id)
    beside = wanted.outerjoin(OrderLine, OrderLine.id == found.c.line_id)
    return beside.order_by(found.c.at, found.c.order_id, found.c.what, found.c.line_id, found.c.rate, found.c.net)


def _line(row: Any, zone: str, currency: str) -> VatLine:
    return VatLine(
        at=row.at,
        what=row.what,
        order_id=row.order_id,
        reference=f"{row.number:05d}",
        text=row.title or "",
        taxed_as=row.taxed_as,
        country=countries.name(row.country) if row.country else "",
        percent=percent(row.rate),
        corrects=of_moment(row.sold_at, zone),
        net=Money(int(row.net), currency),
        tax=Money(int(row.tax), currency),
    )

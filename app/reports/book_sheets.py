"""The books as tables for files: the same sums and lines as the pages show."""

from collections.abc import Iterable, Iterator

from app.reports.book_sums import Sum
from app.reports.book_trace import BookLine
from app.reports.books import Books
from app.reports.sheets import Row, Sheet

_SUM = ("copies", "taken", "given_back", "kept", "currency")


def by_run(books: Books) -> Sheet:
    """A row per run."""
    rows = (
        (run.catalogue_number, run.artist, run.title, run.run_title, *_sum(run.sum), run.made, run.sold, run.sell_through)
        for run in books.by_run
    )
    heads = ("catalogue_number", "artist", "title", "run", *_SUM, "made", "sold_today", "sell_through_per_cent")
    return Sheet("Runs", heads, rows)


def by_country(books: Books) -> Sheet:
    """A row per country."""
    return Sheet("Countries", ("country", "name", *_SUM), ((code, name, *_sum(each)) for code, name, each in books.by_country))


def by_day(books: Books) -> Sheet:
    """A row per day, or per month of a long period."""
    rows = ((f"{each.first}", f"{each.last}", *_sum(each.sum)) for each in books.by_day)
    return Sheet("Months" if books.by_month else "Days", ("first_day", "last_day", *_SUM), rows)


def of_lines(lines: Iterable[BookLine]) -> Sheet:
    """A row per line, its instant in UTC."""
    heads = ("at", "order", "what", "run", "country", "copies", "amount", "currency")
    return Sheet("Lines", heads, _lines(lines))


def _lines(lines: Iterable[BookLine]) -> Iterator[Row]:
    for line in lines:
        at = f"{line.at:%Y-%m-%dT%H:%M:%SZ}"
        money = (line.amount.decimal, line.amount.currency)
        yield (at, line.reference, line.kind.value, line.run, line.country, line.copies, *money)


def _sum(each: Sum) -> Row:
    return (each.copies, each.taken.decimal, each.back.decimal, each.kept.decimal, each.taken.currency)

"""The label's books as files: a table as CSV, or all of them as a workbook."""

import tempfile
from collections.abc import Callable
from enum import StrEnum
from typing import IO

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from app.accounts.roles import Deed
from app.reports import book_sheets, book_trace, books, sheets
from app.reports.book_period import Period
from app.reports.books import Books
from app.reports.sheets import Sheet
from app.staff import queries
from app.staff.blueprint import bp
from app.staff.book_asked import asked_for
from app.staff.guard import needs
from app.web.house import reading

IN_MEMORY = 2_000_000  # bytes of a file; what is larger goes by way of the disk
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Table(StrEnum):
    """What there is as CSV."""

    RUNS = "runs"
    COUNTRIES = "countries"
    DAYS = "days"
    LINES = "lines"


_SUMS: dict[Table, Callable[[Books], Sheet]] = {
    Table.RUNS: book_sheets.by_run,
    Table.COUNTRIES: book_sheets.by_country,
    Table.DAYS: book_sheets.by_day,
}


@bp.get("/books/table.csv")
@needs(Deed.BOOKS)
def books_csv() -> ResponseReturnValue:
    """One table of the books; the lines unless another is asked for."""
    table = queries.choice("table", Table) or Table.LINES
    with reading() as session:
        asked = asked_for(session)
        if table is Table.LINES:
            sheet = book_sheets.of_lines(book_trace.every(session, asked.wish, asked.label.currency))
        else:
            sheet = _SUMS[table](books.books(session, asked.label, asked.period))
        return download(lambda out: sheets.write_csv(sheet, out), f"{table}-{_days(asked.period)}.csv", "text/csv")


@bp.get("/books/workbook.xlsx")
@needs(Deed.BOOKS)
def books_workbook() -> ResponseReturnValue:
    """All tables of the books, a sheet each."""
    with reading() as session:
        asked = asked_for(session)
        sums = books.books(session, asked.label, asked.period)
        lines = book_sheets.of_lines(book_trace.every(session, asked.wish, asked.label.currency))
        every = [*(make(sums) for make in _SUMS.values()), lines]
        return download(lambda out: sheets.write_xlsx(every, out), f"books-{_days(asked.period)}.xlsx", XLSX)


def download(write: Callable[[IO[bytes]], None], name: str, kind: str) -> Response:
    """A download that was written out before it is sent: who loads it slowly keeps no database waiting."""
    out = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the server once it is sent
    write(out)
    out.seek(0)
    return send_file(out, kind, as_attachment=True, download_name=name)


def _days(period: Period) -> str:
    return f"{period.first}-{period.last}"

"""Tables as files, CSV (RFC 4180) and XLSX, written row by row: a long one needs no more memory than a short one."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO

from app.kernel.cells import safe

Cell = str | int | Decimal
Row = Sequence[Cell]


@dataclass(frozen=True)
class Sheet:
    """A table: what it is called (31 signs at most, as spreadsheets have it), its heads, and rows that are read once."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Row]


def write_csv(sheet: Sheet, out: IO[bytes]) -> None:
    """The table in UTF-8 with the mark by which spreadsheets know it; no cell can be taken for a formula."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(sheet.heads)
    writer.writerows([safe(cell) if isinstance(cell, str) else str(cell) for cell in row] for row in sheet.rows)
    text.detach()  # the file stays open


def write_xlsx(sheets: Sequence[Sheet], out: IO[bytes]) -> None:
    """A workbook with a sheet per table; texts stay texts, numbers are numbers."""
    import xlsxwriter  # slow import: only who exports needs it  # noqa: PLC0415

    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    for sheet in sheets:
        page = book.add_worksheet(sheet.title)
        page.freeze_panes(1, 0)
        page.write_row(0, 0, sheet.heads, bold)
        for at, row in enumerate(sheet.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(at, column, cell)
                else:
                    page.write_number(at, column, cell)
    book.close()

"""The parts of a packing slip, drawn with fpdf2: words, numbers, strip, code and customs table; lengths in millimetres."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

HEADS = ("What", "HS code", "Origin", "Pieces", "Net weight", "Value")
WIDTHS = (36, 14, 10, 10, 14, 16)  # per cent


def say(sheet: Any, text: str, *, size: float, bold: bool = False, upto: float = 0) -> None:
    """A paragraph, as far right as `upto` or the margin; it breaks between words, and within a word longer than the line."""
    sheet.set_font("DejaVu", "B" if bold else "", size)
    sheet.multi_cell(upto - sheet.get_x() if upto else 0, size * 0.46, text, align="L", new_x="LMARGIN", new_y="NEXT")


def rule(sheet: Any) -> None:
    """A hairline over the whole width."""
    sheet.set_line_width(0.2)
    sheet.line(sheet.l_margin, sheet.get_y(), sheet.w - sheet.r_margin, sheet.get_y())
    sheet.ln(2)


def address(sheet: Any, lines: Sequence[str]) -> None:
    """Where it goes, large enough to be copied by hand."""
    for line in lines:
        say(sheet, line, size=14)
    sheet.ln(2)
    rule(sheet)


def numbers(sheet: Any, written: Sequence[str], of: str) -> None:
    """№ 017/100: one number as large as the sheet allows, several in rows."""
    size = 64 if len(written) == 1 else 40 if len(written) <= 4 else 24
    for number in written:
        sheet.set_font("DejaVu", "B", size)
        wide = sheet.get_string_width(number)
        sheet.set_font("DejaVu", "", size * 0.4)
        whole = wide + sheet.get_string_width(f"№ {of}") + 6
        if sheet.get_x() + whole > sheet.w - sheet.r_margin and sheet.get_x() > sheet.l_margin:
            sheet.ln(size * 0.44)
        if sheet.get_y() + size * 0.44 > sheet.h - sheet.b_margin:
            sheet.add_page()
        sheet.cell(sheet.get_string_width("№ ") + 1, size * 0.4, "№")
        sheet.set_font("DejaVu", "B", size)
        sheet.cell(wide + 1, size * 0.4, number)
        sheet.set_font("DejaVu", "", size * 0.4)
        sheet.cell(sheet.get_string_width(of) + 4, size * 0.4, of)
    sheet.ln(size * 0.44)


def strip(sheet: Any, copies: str, yours: Collection[int]) -> None:
    """The edition strip: a tick per copy, those in this parcel solid and tall, withdrawn ones a gap."""
    per_row = max(len(copies), 1) if len(copies) <= 150 else 100
    pitch = min((sheet.w - sheet.l_margin - sheet.r_margin) / per_row, 2.4)
    rows = -(-len(copies) // per_row)
    if rows > 20:
        return  # a crowd cannot be read on paper
    sheet.set_line_width(0.1)
    if sheet.get_y() + rows * 4 > sheet.h - sheet.b_margin:
        sheet.add_page()
    top = sheet.get_y()
    for at, state in enumerate(copies):
        left, upper = sheet.l_margin + at % per_row * pitch, top + at // per_row * 4
        if at in yours:
            sheet.set_fill_color(0)
            sheet.rect(left, upper, pitch * 0.7, 3.2, style="F")
        elif state == "w":
            sheet.line(left, upper + 3, left + pitch * 0.7, upper + 3)
        else:
            sheet.rect(left, upper + 1, pitch * 0.7, 2)
    sheet.set_y(top + rows * 4 + 1)


def qr(sheet: Any, text: str, side: float) -> None:
    """A code in the upper right corner; scanning it opens the order at the desk."""
    qr_at(sheet, text, sheet.w - sheet.r_margin - side, sheet.t_margin, side)


def qr_at(sheet: Any, text: str, left: float, top: float, side: float) -> None:
    """A code whose upper left corner is there."""
    import segno  # slow import: only who prints needs it  # noqa: PLC0415

    matrix = segno.make(text, error="m", micro=False).matrix
    module = side / len(matrix)
    sheet.set_fill_color(0)
    for row, line in enumerate(matrix):
        for column, dark, count in _stretches(line):
            if dark:  # a little overlap, so that no white hair shows between the rows
                sheet.rect(left + column * module, top + row * module, module * count, module * 1.02, style="F")


def _stretches(line: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Neighbours of one colour together: where they begin, the colour, how many."""
    column = 0
    for dark, group in groupby(line):
        count = len(list(group))
        yield column, dark, count
        column += count


def customs(sheet: Any, rows: Sequence[Sequence[str]], grams: int) -> None:
    """What a customs form asks for, ready to be copied."""
    sheet.ln(3)
    say(sheet, f"For customs: net weight {grams} g, sale of goods", size=9, bold=True)
    sheet.set_font("DejaVu", "", 7)
    layout = {"line_height": 4, "text_align": "LEFT", "borders_layout": "HORIZONTAL_LINES", "padding": (0.4, 1.5, 0.4, 0)}
    with sheet.table(col_widths=WIDTHS, **layout) as table:
        for cells in (HEADS, *rows):
            row = table.row()
            for cell in cells:
                row.cell(cell)

"""A maker's statement as a PDF on A4: what is owed, what each run brought, and every line behind it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.fulfilment.slip_parts import rule, say
from app.fulfilment.slips import Paper, blank
from app.reports import maker_words
from app.reports.maker_facts import RunShare, Statement
from app.reports.maker_lines import COST, MakerLine

RUNS = ("Run", "Copies", "Paid", "VAT", "Fees", "Costs", "Shared", "Share", "Earned")
RUN_WIDTHS = (25, 7, 11, 10, 9, 11, 11, 15, 11)  # per cent
LINES = ("Day", "What", "Run", "Order", "Copies", "Paid", "VAT", "Fee", "Shared", "Earned")
LINE_WIDTHS = (11, 19, 21, 8, 7, 10, 8, 8, 10, 10)
NOTE = (
    "Earned is what was paid for copies, without postage and VAT, less what Stripe kept; where a share comes after costs, less the "
    "costs until they are recouped; times the share. Rounded down once for each run, over all of its time."
)
LAYOUT = {"line_height": 4, "borders_layout": "HORIZONTAL_LINES", "padding": (0.4, 1, 0.4, 0), "repeat_headings": 1}


def pdf(statement: Statement, lines: Iterable[MakerLine], fallback: Sequence[Path] = ()) -> bytes:
    """The statement, with as many sheets as its lines need; amounts are in the label's currency, which stands at the top."""
    sheet = blank(Paper.A4, fallback)
    sheet.add_page()
    _head(sheet, statement)
    _balance(sheet, statement)
    if statement.runs:
        _table(sheet, "By run", RUNS, RUN_WIDTHS, [_run(run) for run in statement.runs], texts={0, 7})
    rows = [_line(line, f"{statement.period.day_of(line.at)}") for line in lines]
    if rows:
        _table(sheet, "Every line", LINES, LINE_WIDTHS, rows, texts={0, 1, 2, 3})
    return bytes(sheet.output())


def _head(sheet: Any, statement: Statement) -> None:
    period = statement.period
    say(sheet, statement.label, size=13, bold=True)
    say(sheet, f"Statement for {statement.maker}", size=11)
    for line in statement.address.splitlines():
        say(sheet, line, size=9)
    say(sheet, f"{period.first} to {period.last}, all amounts in {statement.owed.currency}", size=9)
    sheet.ln(2)
    rule(sheet)


def _balance(sheet: Any, statement: Statement) -> None:
    rows = [("Owed before", statement.before), ("Earned in these days", statement.earned)]
    rows += [(f"Paid out on {payout.day}", payout.amount * -1) for payout in statement.payouts]
    for word, amount in (*rows, ("Owed at the end", statement.owed)):
        last = amount is statement.owed
        sheet.set_font("DejaVu", "B" if last else "", 12 if last else 9)
        sheet.cell(60, 6, word)
        sheet.cell(35, 6, f"{amount.decimal}", align="R", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(1)
    if statement.fees_unknown:
        unknown = "one payment" if statement.fees_unknown == 1 else f"{statement.fees_unknown} payments"
        say(sheet, f"Provisional: what Stripe kept of {unknown} is not known yet and not taken off.", size=8)
    say(sheet, NOTE, size=7)
    sheet.ln(2)


def _table(
    sheet: Any, title: str, heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]], *, texts: set[int]
) -> None:
    sheet.ln(3)
    say(sheet, title, size=10, bold=True)
    sheet.set_font("DejaVu", "", 7)
    align = tuple("LEFT" if at in texts else "RIGHT" for at in range(len(heads)))
    with sheet.table(col_widths=widths, text_align=align, **LAYOUT) as table:
        for cells in (heads, *rows):
            row = table.row()
            for cell in cells:
                row.cell(cell)


def _run(run: RunShare) -> list[str]:
    money = (run.paid, run.tax, run.fees, run.spent, run.shared)
    return [run.run, f"{run.copies}", *(f"{each.decimal}" for each in money), maker_words.share(run.term), f"{run.earned.decimal}"]


def _line(line: MakerLine, day: str) -> list[str]:
    spent = line.left if line.kind == COST else line.paid
    money = (f"{each.decimal}" if each.amount else "–" for each in (spent, line.tax, line.fee, line.shared))
    return [day, maker_words.what(line), line.run, line.reference, f"{line.copies or '–'}", *money, f"{line.earned.decimal}"]

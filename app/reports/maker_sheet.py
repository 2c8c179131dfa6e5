"""A maker's statement as a table for a file: what was owed before, lines and payouts, which add up to what is owed."""

from collections.abc import Iterable, Iterator

from app.catalogue.shares import per_cent
from app.reports import maker_words
from app.reports.maker_facts import Statement
from app.reports.maker_lines import MakerLine
from app.reports.sheets import Row, Sheet

HEADS = (
    "at", "what", "run", "order", "copies", "paid", "vat", "fee", "left", "shared", "share_per_cent", "costs_first", "earned",
    "currency",
)  # fmt: skip


def of(statement: Statement, lines: Iterable[MakerLine]) -> Sheet:
    """The whole statement."""
    return Sheet("Statement", HEADS, _rows(statement, lines))


def _rows(statement: Statement, lines: Iterable[MakerLine]) -> Iterator[Row]:
    currency = statement.owed.currency
    yield f"{statement.period.first}", "owed before", *[""] * 10, statement.before.decimal, currency
    for line in lines:
        money = [each.decimal for each in (line.paid, line.tax, line.fee, line.left, line.shared)]
        term = (per_cent(line.term.basis_points), "yes" if line.term.costs_first else "no") if line.term else ("", "")
        at, what = f"{line.at:%Y-%m-%dT%H:%M:%SZ}", maker_words.what(line)
        yield at, what, line.run, line.reference, line.copies, *money, *term, line.earned.decimal, currency
    for payout in statement.payouts:
        what = ": ".join(filter(None, ("paid out", payout.words)))
        yield f"{payout.day}", what, *[""] * 10, -payout.amount.decimal, currency

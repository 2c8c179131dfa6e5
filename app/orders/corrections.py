"""What money that goes back takes off an order's taxes: shared out over its rows, purely, so that it adds up to that money."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.orders.taxes import shared


@dataclass(frozen=True)
class Taxed:
    """A row of an order's taxes: `line_id` is empty for postage; `back` and `tax_back` are what went back of it so far."""

    id: int
    line_id: int | None
    net: int
    tax: int
    back: int = 0
    tax_back: int = 0

    @property
    def gross(self) -> int:
        """What was paid."""
        return self.net + self.tax


@dataclass(frozen=True)
class Back:
    """Some money that goes back: for a line, for the postage, or (`any_row`) for nothing in particular."""

    amount: int
    line_id: int | None = None
    any_row: bool = False


@dataclass(frozen=True)
class Correction:
    """What it takes off a row."""

    row_id: int
    net: int
    tax: int


def corrections(rows: Sequence[Taxed], parts: Iterable[Back]) -> tuple[Correction, ...]:
    """The parts shared out over the rows that they are for; what is more than is left of those goes to the others.

    When all of a row has gone back, so has exactly its tax. More than is left of everything, which only two refunds at once can
    come to, counts with the first rows, at their rates.
    """
    taken = {row.id: 0 for row in rows}
    for part in parts:
        meant = [row for row in rows if part.any_row or row.line_id == part.line_id]
        rest = _take(meant, taken, part.amount)
        rest = _take(rows, taken, rest)
        for row, more in zip(rows, shared(rest, [row.gross for row in rows]), strict=True) if rest else ():
            taken[row.id] += more
    return tuple(_corrected(rows, taken))


def _take(rows: Sequence[Taxed], taken: dict[int, int], amount: int) -> int:
    """Take an amount off these rows, by what is left of each; what is more than that."""
    left = [max(0, row.gross - row.back - taken[row.id]) for row in rows]
    fits = min(amount, sum(left))
    for row, some in zip(rows, shared(fits, left), strict=True) if fits else ():
        taken[row.id] += some
    return amount - fits


def _corrected(rows: Sequence[Taxed], taken: dict[int, int]) -> Iterator[Correction]:
    for row in rows:
        amount = taken[row.id]
        if not amount:
            continue
        after = row.back + amount
        tax = _part(row, after) - row.tax_back if after <= row.gross else _part(row, amount)
        tax = min(max(tax, 0), amount)
        yield Correction(row.id, amount - tax, tax)


def _part(row: Taxed, amount: int) -> int:
    """The tax in a part of what was paid, half up."""
    return (2 * row.tax * amount + row.gross) // (2 * row.gross)

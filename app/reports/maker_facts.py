"""What a maker's statement says."""

from dataclasses import dataclass
from datetime import date

from app.catalogue.shares import Term
from app.kernel.money import Money
from app.reports.book_period import Period


@dataclass(frozen=True)
class RunShare:
    """What one run brought in the period, in sums, and what of it is the maker's.

    `left` is what was paid less VAT and fees, `shared` what of that was shared after costs; `open_costs` are not recouped yet at
    the end of the period. `term` is what holds on its last day.
    """

    run_id: int
    run: str
    copies: int
    paid: Money
    tax: Money
    fees: Money
    spent: Money
    shared: Money
    open_costs: Money
    term: Term
    earned: Money

    @property
    def left(self) -> Money:
        """What was paid, less VAT and fees."""
        return self.paid - self.tax - self.fees


@dataclass(frozen=True)
class Given:
    """A payout as it is listed."""

    id: int
    day: date
    amount: Money
    words: str


@dataclass(frozen=True)
class Statement:
    """The whole statement; `owed` below zero is what the maker was given too much.

    `fees_unknown` counts payments of the period or before it whose fee Stripe has not said yet: it is not taken off.
    """

    maker_id: int
    label_id: int
    label: str
    maker: str
    address: str
    period: Period
    runs: tuple[RunShare, ...]
    before: Money
    earned: Money
    payouts: tuple[Given, ...]
    paid_out: Money
    owed: Money
    fees_unknown: int
    taxed: bool

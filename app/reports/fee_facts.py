"""What the page of fees says."""

from dataclasses import dataclass
from datetime import date, datetime

from app.kernel.money import Money


@dataclass(frozen=True)
class FeeSum:
    """What was kept in a month, of how many payments and for how many disputes; `last` is its last day in the period."""

    first: date
    last: date
    fees: int
    amount: Money


@dataclass(frozen=True)
class FeeLine:
    """One fee: `taken` is the payment it is of, `amount` what was kept in the label's currency, `kept` in Stripe's own.

    `reference` is empty for money that brought no order.
    """

    at: datetime
    order_id: int | None
    reference: str
    disputed: bool
    taken: Money
    amount: Money
    kept: Money


@dataclass(frozen=True)
class FeePage:
    """The sums of a period: by month, by run (None: postage and what brought no order), and a page of lines."""

    amount: Money
    taken: Money
    unknown: int
    months: tuple[FeeSum, ...]
    runs: tuple[tuple[int | None, str, Money], ...]
    lines: tuple[FeeLine, ...]
    total: int

    @property
    def per_mille(self) -> int:
        """What was kept of a thousand that were taken."""
        return round(1000 * self.amount.amount / self.taken.amount) if self.taken.amount else 0

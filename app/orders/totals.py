"""What a fan owes: the only place that adds up lines, postage and total."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.money import Money


@dataclass(frozen=True)
class QuoteLine:
    """Some copies of one run at one price each; `numbers` are the copies' own, `last` is the highest of the run."""

    run_id: int
    title: str
    numbers: tuple[int, ...]
    last: int
    unit: Money

    @property
    def quantity(self) -> int:
        """How many copies."""
        return len(self.numbers)

    @property
    def amount(self) -> Money:
        """What the line costs."""
        return self.unit * self.quantity


@dataclass(frozen=True)
class Postage:
    """The way to post that the fan chose."""

    rate_id: int
    name: str
    country: str
    amount: Money


@dataclass(frozen=True)
class Quote:
    """What a hold costs. The total shown is the total charged, or we refuse."""

    lines: tuple[QuoteLine, ...]
    postage: Postage

    @property
    def goods(self) -> Money:
        """The sum of the lines."""
        return total([line.amount for line in self.lines], self.postage.amount.currency)

    @property
    def total(self) -> Money:
        """Goods and postage, tax included."""
        return self.goods + self.postage.amount

    def as_json(self) -> dict[str, Any]:
        """For keeping with the attempt: what the fan agreed to."""
        return {
            "currency": self.total.currency,
            "total": self.total.amount,
            "lines": [
                {
                    "run_id": line.run_id,
                    "title": line.title,
                    "numbers": list(line.numbers),
                    "last": line.last,
                    "unit": line.unit.amount,
                }
                for line in self.lines
            ],
            "postage": {
                "rate_id": self.postage.rate_id,
                "name": self.postage.name,
                "country": self.postage.country,
                "amount": self.postage.amount.amount,
            },
        }


def from_json(kept: dict[str, Any]) -> Quote:
    """The quote that as_json wrote."""
    currency, postage = kept["currency"], kept["postage"]
    lines = tuple(_line(line, currency) for line in kept["lines"])
    return Quote(lines, Postage(postage["rate_id"], postage["name"], postage["country"], Money(postage["amount"], currency)))


def _line(kept: dict[str, Any], currency: str) -> QuoteLine:
    numbers = tuple(kept["numbers"])
    last = kept.get("last", max(numbers))  # quotes that 0.1.0 kept do not say it
    return QuoteLine(kept["run_id"], kept["title"], numbers, last, Money(kept["unit"], currency))


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum of amounts in one currency; zero of it when there are none."""
    return sum(amounts, start=Money(0, currency))

"""What a fan owes: the only place that adds up lines, postage, what a code takes off, and the total."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.kernel.money import Money
from app.orders import levy as levies
from app.orders.levy import Levy
from app.orders.vat_models import VatKind


@dataclass(frozen=True)
class QuoteLine:
    """Some copies of one run at one price each; `numbers` are the copies' own, `last` is the highest of the run.

    `unit` is what each of them costs, `off` (minor units) what a code took off it. Where VAT is added to the prices, `added` of
    the unit and `off_added` of what was taken off are VAT.
    """

    run_id: int
    title: str
    numbers: tuple[int, ...]
    last: int
    unit: Money
    off: int = 0
    kind: VatKind = VatKind.STANDARD
    added: int = 0
    off_added: int = 0

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
    """The way to post that the fan chose; `off` (minor units) is what a code took off it, `added` and `off_added` as of a line."""

    rate_id: int
    name: str
    country: str
    amount: Money
    off: int = 0
    added: int = 0
    off_added: int = 0

    @property
    def full(self) -> Money:
        """What it costs without a code, and without VAT that is added."""
        return Money(self.amount.amount + self.off - self.added - self.off_added, self.amount.currency)


@dataclass(frozen=True)
class Discount:
    """The code that made a quote cost less."""

    code_id: int
    code: str


@dataclass(frozen=True)
class FullLine:
    """The copies of one run in a quote, at the price that they have without a code, and without VAT that is added."""

    title: str
    numbers: tuple[int, ...]
    last: int
    amount: Money


@dataclass(frozen=True)
class Quote:
    """What a hold costs. The total shown is the total charged, or we refuse.

    A run has two lines where a code leaves its copies a minor unit apart; those of one run stand together.
    """

    lines: tuple[QuoteLine, ...]
    postage: Postage
    discount: Discount | None = None
    levy: Levy | None = None

    @property
    def goods(self) -> Money:
        """The sum of the lines."""
        return total([line.amount for line in self.lines], self.postage.amount.currency)

    @property
    def total(self) -> Money:
        """Goods and postage, tax included."""
        return self.goods + self.postage.amount

    @property
    def off(self) -> Money:
        """What the code takes off all of it, of the prices as they are shown: without VAT that is added."""
        goods = sum((line.off - line.off_added) * line.quantity for line in self.lines)
        return Money(goods + self.postage.off - self.postage.off_added, self.postage.amount.currency)

    @property
    def added(self) -> Money:
        """VAT that comes on top of the prices as they are shown; nothing where they include it."""
        return Money(sum(line.added * line.quantity for line in self.lines) + self.postage.added, self.postage.amount.currency)

    @property
    def copies(self) -> dict[int, int]:
        """How many copies of each run."""
        return {run_id: len(numbers) for run_id, numbers in self.numbers.items()}

    @property
    def numbers(self) -> dict[int, tuple[int, ...]]:
        """The copies of each run by their numbers."""
        return {run: tuple(number for line in some for number in line.numbers) for run, some in self._by_run()}

    @property
    def full_lines(self) -> tuple[FullLine, ...]:
        """What is bought, run by run, before the code."""
        return tuple(_full(some) for _, some in self._by_run())

    def as_json(self) -> dict[str, Any]:
        """For keeping with the attempt: what the fan agreed to."""
        lines = [
            {
                "run_id": line.run_id,
                "title": line.title,
                "numbers": list(line.numbers),
                "last": line.last,
                "unit": line.unit.amount,
                **_beside(line),
                **({"kind": line.kind.value} if line.kind is VatKind.REDUCED else {}),
            }
            for line in self.lines
        ]
        postage = {
            "rate_id": self.postage.rate_id,
            "name": self.postage.name,
            "country": self.postage.country,
            "amount": self.postage.amount.amount,
            **_beside(self.postage),
        }
        code = {"discount": {"code_id": self.discount.code_id, "code": self.discount.code}} if self.discount else {}
        vat = {"vat": self.levy.as_json()} if self.levy else {}
        return {"currency": self.total.currency, "total": self.total.amount, "lines": lines, "postage": postage, **code, **vat}

    def _by_run(self) -> list[tuple[int, tuple[QuoteLine, ...]]]:
        return [(run_id, tuple(some)) for run_id, some in groupby(self.lines, key=lambda line: line.run_id)]


def from_json(kept: dict[str, Any]) -> Quote:
    """The quote that as_json wrote."""
    currency, posted, code = kept["currency"], kept["postage"], kept.get("discount")
    lines = tuple(_line(line, currency) for line in kept["lines"])
    amount = Money(posted["amount"], currency)
    postage = Postage(posted["rate_id"], posted["name"], posted["country"], amount, *(posted.get(name, 0) for name in _BESIDE))
    discount = Discount(code["code_id"], code["code"]) if code else None
    return Quote(lines, postage, discount, levies.from_json(kept.get("vat")))


def _line(kept: dict[str, Any], currency: str) -> QuoteLine:
    numbers = tuple(kept["numbers"])
    last = kept.get("last", max(numbers))  # quotes that 0.1.0 kept do not say it
    unit, kind = Money(kept["unit"], currency), VatKind(kept.get("kind", VatKind.STANDARD))
    beside = {name: kept.get(name, 0) for name in _BESIDE}
    return QuoteLine(kept["run_id"], kept["title"], numbers, last, unit, kind=kind, **beside)


_BESIDE = ("off", "added", "off_added")


def _beside(part: QuoteLine | Postage) -> dict[str, int]:
    """Written only where there is something: a quote without a code or added VAT stays as it always was."""
    return {name: amount for name in _BESIDE if (amount := getattr(part, name))}


def _full(lines: tuple[QuoteLine, ...]) -> FullLine:
    numbers = tuple(sorted(number for line in lines for number in line.numbers))
    each = sum((line.unit.amount + line.off - line.added - line.off_added) * line.quantity for line in lines)
    return FullLine(lines[0].title, numbers, lines[0].last, Money(each, lines[0].unit.currency))


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum of amounts in one currency; zero of it when there are none."""
    return sum(amounts, start=Money(0, currency))

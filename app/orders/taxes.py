"""What is VAT of a quote: pure sums in minor units, half up, whose parts add up to what is paid, line by line.

Prices that include it: of each line, price times rate over one plus rate. Prices without it: each copy's own VAT is added to its
price, so that equal copies stay equal. Postage follows its goods, in proportion to what they cost where they are of two kinds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.kernel.money import Money
from app.orders.levy import Levy
from app.orders.totals import Postage, Quote, QuoteLine
from app.orders.vat_models import TaxedAs, VatKind

UNSAID = Levy(TaxedAs.UNSAID, "")


@dataclass(frozen=True)
class Tax:
    """What one line of a quote (by its place in it), or without a place its postage, is taxed; `rate` in basis points."""

    line: int | None
    taxed_as: TaxedAs
    country: str
    kind: VatKind
    rate: int
    net: int
    tax: int


def levied(quote: Quote, levy: Levy) -> Quote:
    """The quote with its VAT: unchanged in its sums where prices include it, each price higher by it where they do not."""
    if not levy.exclusive:
        return replace(quote, levy=levy)
    lines = tuple(_with_added(line, levy.rate(line.kind)) for line in quote.lines)
    return replace(quote, levy=levy, lines=lines, postage=_posted(quote, levy))


def taxes(quote: Quote) -> tuple[Tax, ...]:
    """A row for every line, then one for each kind that the postage went with; they add up to the total."""
    levy = quote.levy or replace(UNSAID, country=quote.postage.country)
    lines = (
        _of(number, levy, line.kind, line.amount.amount, line.added * line.quantity) for number, line in enumerate(quote.lines)
    )
    return (*lines, *_of_postage(quote, levy))


def within(gross: int, rate: int) -> int:
    """The VAT in an amount that includes it."""
    return (2 * gross * rate + 10_000 + rate) // (2 * (10_000 + rate))


def on_top(net: int, rate: int) -> int:
    """The VAT on an amount that does not include it."""
    return (2 * net * rate + 10_000) // 20_000


def shared(amount: int, weights: list[int]) -> list[int]:
    """An amount in parts as the weights are to each other; each is its share of the running sum, so nothing is left over."""
    whole, before, parts = sum(weights), 0, []
    for weight in weights:
        after = before + weight
        parts.append(amount * after // whole - amount * before // whole)
        before = after
    return parts


def _of(line: int | None, levy: Levy, kind: VatKind, gross: int, added: int) -> Tax:
    rate = levy.rate(kind)
    tax = added if levy.exclusive else within(gross, rate)
    return Tax(line, levy.taxed_as, levy.country, kind, rate, gross - tax, tax)


def _with_added(line: QuoteLine, rate: int) -> QuoteLine:
    added, full = on_top(line.unit.amount, rate), on_top(line.unit.amount + line.off, rate)
    unit = line.unit + Money(added, line.unit.currency)
    return replace(line, unit=unit, off=line.off + full - added, added=added, off_added=full - added)


def _posted(quote: Quote, levy: Levy) -> Postage:
    posted = quote.postage
    added = sum(on_top(part, levy.rate(kind)) for kind, part in _parts(quote.lines, posted.amount.amount))
    full = sum(on_top(part, levy.rate(kind)) for kind, part in _parts(quote.lines, posted.amount.amount + posted.off))
    amount, off_added = posted.amount + Money(added, posted.amount.currency), max(0, full - added)
    return replace(posted, amount=amount, off=posted.off + off_added, added=added, off_added=off_added)


def _of_postage(quote: Quote, levy: Levy) -> Iterator[Tax]:
    for kind, part in _parts(quote.lines, quote.postage.amount.amount - quote.postage.added):
        if part:
            added = on_top(part, levy.rate(kind)) if levy.exclusive else 0
            yield _of(None, levy, kind, part + added, added)


def _parts(lines: tuple[QuoteLine, ...], amount: int) -> list[tuple[VatKind, int]]:
    """An amount for each kind among the lines, by what they cost without added VAT; by their number where they cost nothing."""
    kinds = [kind for kind in VatKind if any(line.kind is kind for line in lines)]
    cost = [sum((line.unit.amount - line.added) * line.quantity for line in lines if line.kind is kind) for kind in kinds]
    count = [sum(line.quantity for line in lines if line.kind is kind) for kind in kinds]
    return list(zip(kinds, shared(amount, cost if any(cost) else count), strict=True))

"""What a discount code makes of a quote: pure sums, in minor units, that leave no remainder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.kernel.money import Money
from app.orders.models import CodeKind
from app.orders.totals import Discount, Quote, QuoteLine


@dataclass(frozen=True)
class Rule:
    """What a code takes off: `value` is per cent or minor units; of the copies of `runs`, or of all where that is None."""

    code_id: int
    code: str
    kind: CodeKind
    value: int
    runs: frozenset[int] | None

    def is_for(self, run_id: int) -> bool:
        """Is it for copies of this run?"""
        return self.runs is None or run_id in self.runs


def take_off(quote: Quote, rule: Rule) -> Quote:
    """The quote with this code; unchanged where the code takes nothing off it.

    Per cent are rounded copy by copy, half up, so that equal copies stay equal. An amount is at most what its copies cost; it is
    shared out by what the runs cost, and within a run the last copies carry what does not divide, a minor unit each. Postage is
    taken off whole, where one copy is of the code's runs.
    """
    meant = [line for line in quote.lines if rule.is_for(line.run_id)]
    if rule.kind is CodeKind.POSTAGE:
        posted = replace(quote.postage, amount=Money(0, quote.postage.amount.currency), off=quote.postage.amount.amount)
        less = replace(quote, postage=posted) if meant else quote
    elif rule.kind is CodeKind.PERCENT:
        less = replace(quote, lines=tuple(_percent(line, rule) for line in quote.lines))
    else:
        less = replace(quote, lines=tuple(_amount(quote.lines, meant, rule.value)))
    return replace(less, discount=Discount(rule.code_id, rule.code)) if less.off.amount else quote


def _percent(line: QuoteLine, rule: Rule) -> QuoteLine:
    return _cheaper(line, (line.unit.amount * rule.value + 50) // 100) if rule.is_for(line.run_id) else line


def _amount(lines: tuple[QuoteLine, ...], meant: list[QuoteLine], value: int) -> Iterator[QuoteLine]:
    """Each line gets the share of the running sum, so that the shares add up; its last copies carry what does not divide."""
    goods = sum(line.amount.amount for line in meant)
    off, before = min(value, goods), 0
    for line in lines:
        if line not in meant or not goods:
            yield line
            continue
        after = before + line.amount.amount
        each, more = divmod(off * after // goods - off * before // goods, line.quantity)
        before, some = after, line.quantity - more
        if some:
            yield _cheaper(replace(line, numbers=line.numbers[:some]), each)
        if more:
            yield _cheaper(replace(line, numbers=line.numbers[some:]), each + 1)


def _cheaper(line: QuoteLine, off: int) -> QuoteLine:
    return replace(line, unit=line.unit - Money(off, line.unit.currency), off=off)

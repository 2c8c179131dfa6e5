"""What a code makes of a quote: exact to the minor unit, never below zero, nothing for what it is not for."""

import pytest

from app.kernel.money import Money
from app.orders.models import CodeKind
from app.orders.taking_off import Rule, take_off
from app.orders.totals import Discount, Postage, Quote, QuoteLine, from_json

EVERY = None


def _quote(*runs: tuple[int, int], postage: int = 195) -> Quote:
    """Runs 1, 2 … with so many copies at such a price each."""
    lines = [
        QuoteLine(at, f"Run {at}", tuple(range(1, count + 1)), 10, Money(price, "EUR")) for at, (count, price) in enumerate(runs, 1)
    ]
    return Quote(tuple(lines), Postage(7, "Letter", "DE", Money(postage, "EUR")))


def _less(quote: Quote, kind: CodeKind, value: int = 0, runs: frozenset[int] | None = EVERY) -> Quote:
    return take_off(quote, Rule(3, "SPRING", kind, value, runs))


def _said(quote: Quote) -> list[tuple[int, tuple[int, ...], int, int]]:
    return [(line.run_id, line.numbers, line.unit.amount, line.off) for line in quote.lines]


def test_per_cent_are_rounded_copy_by_copy() -> None:
    less = _less(_quote((3, 1995)), CodeKind.PERCENT, 10)
    assert _said(less) == [(1, (1, 2, 3), 1795, 200)]
    assert (less.total.amount, less.off.amount, less.discount) == (3 * 1795 + 195, 600, Discount(3, "SPRING"))


def test_an_amount_that_does_not_divide_splits_the_line() -> None:
    less = _less(_quote((3, 1000)), CodeKind.AMOUNT, 500)
    assert _said(less) == [(1, (1,), 834, 166), (1, (2, 3), 833, 167)]
    assert (less.goods.amount, less.off.amount, less.copies, less.numbers) == (2500, 500, {1: 3}, {1: (1, 2, 3)})
    [full] = less.full_lines
    assert (full.numbers, full.amount.amount) == ((1, 2, 3), 3000)


def test_an_amount_is_shared_out_by_what_the_runs_cost() -> None:
    less = _less(_quote((1, 3000), (2, 1000)), CodeKind.AMOUNT, 1000)
    assert _said(less) == [(1, (1,), 2400, 600), (2, (1, 2), 800, 200)]


def test_it_takes_nothing_off_other_runs() -> None:
    less = _less(_quote((1, 3000), (2, 1000)), CodeKind.AMOUNT, 1000, frozenset({2}))
    assert _said(less) == [(1, (1,), 3000, 0), (2, (1, 2), 500, 500)]
    assert _less(_quote((1, 3000)), CodeKind.PERCENT, 50, frozenset({2})) == _quote((1, 3000))
    assert _less(_quote((1, 3000)), CodeKind.POSTAGE, 0, frozenset({2})) == _quote((1, 3000))


def test_never_below_zero_and_never_off_the_postage() -> None:
    less = _less(_quote((2, 999)), CodeKind.AMOUNT, 5000)
    assert (_said(less), less.total.amount, less.off.amount) == ([(1, (1, 2), 0, 999)], 195, 1998)


def test_free_postage() -> None:
    less = _less(_quote((2, 1000)), CodeKind.POSTAGE)
    assert (less.total.amount, less.postage.amount.amount, less.postage.full.amount, less.off.amount) == (2000, 0, 195, 195)


def test_what_takes_nothing_off_is_no_discount() -> None:
    assert _less(_quote((1, 0)), CodeKind.AMOUNT, 500).discount is None
    assert _less(_quote((1, 2400), postage=0), CodeKind.POSTAGE).discount is None


@pytest.mark.parametrize("value", [1, 7, 100, 333, 1001, 4444])
@pytest.mark.parametrize("runs", [((1, 1),), ((7, 999), (3, 1)), ((2, 0), (5, 1234), (4, 1999)), ((13, 17),)])
def test_nothing_is_lost_or_made(value: int, runs: tuple[tuple[int, int], ...]) -> None:
    before = _quote(*runs)
    less = _less(before, CodeKind.AMOUNT, value)
    taken = min(value, before.goods.amount)
    assert (less.off.amount, less.total.amount) == (taken, before.total.amount - taken)
    assert (less.copies, less.numbers) == (before.copies, before.numbers)
    assert all(line.unit.amount >= 0 and line.numbers for line in less.lines)
    for run_id in before.copies:
        paid = [line.unit.amount for line in less.lines if line.run_id == run_id]
        assert max(paid) - min(paid) <= 1
    assert from_json(less.as_json()) == less


def test_a_quote_without_a_code_is_kept_as_it_always_was() -> None:
    kept = _quote((1, 1000)).as_json()
    assert set(kept) == {"currency", "total", "lines", "postage"}
    assert "off" not in kept["lines"][0]
    assert "off" not in kept["postage"]

"""What a fan owes, in currencies with and without decimals, kept and read back unchanged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import Money
from app.orders.totals import Postage, Quote, QuoteLine, from_json, total


def _quote(currency: str = "EUR") -> Quote:
    lines = (
        QuoteLine(1, "Mira Vale – Night Bus (50 clear)", (17, 18), 50, Money(2400, currency)),
        QuoteLine(2, "Mira Vale – Night Bus (zine)", (3,), 40, Money(900, currency)),
    )
    return Quote(lines, Postage(4, "Parcel", "DE", Money(619, currency)))


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_lines_and_postage_add_up(currency: str) -> None:
    quote = _quote(currency)
    assert [line.amount.amount for line in quote.lines] == [4800, 900]
    assert (quote.goods, quote.total) == (Money(5700, currency), Money(6319, currency))


def test_nothing_costs_nothing_in_its_currency() -> None:
    assert total([], "JPY") == Money(0, "JPY")


def test_a_quote_is_kept_as_it_was() -> None:
    assert from_json(json.loads(json.dumps(_quote().as_json()))) == _quote()
    assert _quote().as_json()["total"] == 6319


def test_a_quote_kept_by_the_first_version_does_not_say_where_a_run_ends() -> None:
    kept = _quote().as_json()
    for line in kept["lines"]:
        del line["last"]
    assert [line.last for line in from_json(kept).lines] == [18, 3]


@given(
    st.lists(st.tuples(st.lists(st.integers(1, 9999), min_size=1, max_size=5), st.integers(0, 10**7)), max_size=6),
    st.integers(0, 10**5),
)
def test_any_quote_is_kept_and_adds_up(lines: list[tuple[list[int], int]], postage: int) -> None:
    made = tuple(QuoteLine(n, f"run {n}", tuple(numbers), 9999, Money(unit, "EUR")) for n, (numbers, unit) in enumerate(lines))
    quote = Quote(made, Postage(1, "Letter", "DE", Money(postage, "EUR")))
    assert from_json(json.loads(json.dumps(quote.as_json()))) == quote
    assert quote.total.amount == sum(len(numbers) * unit for numbers, unit in lines) + postage

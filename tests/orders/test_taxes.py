"""What is VAT of a quote: exact to the minor unit, whatever is bought, taken off and posted; never a float."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.models import Format
from app.kernel.money import Money
from app.orders.levy import UNION, Levy, levy
from app.orders.models import CodeKind
from app.orders.taking_off import Rule, take_off
from app.orders.taxes import Tax, levied, on_top, shared, taxes, within
from app.orders.totals import Postage, Quote, QuoteLine, from_json
from app.orders.vat_models import TaxedAs, VatKind, VatWay
from app.orders.vat_rates import RATES, Rate, in_force, kind_of

DAY = date(2026, 11, 30)
GERMAN = Levy(TaxedAs.HOME, "DE", 1900, 700)


def _quote(*lines: tuple[int, int, VatKind], postage: int = 195) -> Quote:
    """So many copies of runs 1, 2 … at such a price each."""
    made = [
        QuoteLine(at, f"Run {at}", tuple(range(1, count + 1)), 10, Money(price, "EUR"), kind=kind)
        for at, (count, price, kind) in enumerate(lines, 1)
    ]
    return Quote(tuple(made), Postage(7, "Letter", "DE", Money(postage, "EUR")))


def _tape(count: int, price: int) -> tuple[int, int, VatKind]:
    return count, price, VatKind.STANDARD


def _zine(count: int, price: int) -> tuple[int, int, VatKind]:
    return count, price, VatKind.REDUCED


def _said(rows: tuple[Tax, ...]) -> list[tuple[int | None, int, int, int]]:
    return [(row.line, row.rate, row.net, row.tax) for row in rows]


def test_prices_with_vat_in_them_stay_as_they_are() -> None:
    quote = levied(_quote(_tape(2, 2400)), GERMAN)
    assert (quote.total.amount, quote.added.amount) == (4995, 0)
    assert _said(taxes(quote)) == [(0, 1900, 4034, 766), (None, 1900, 164, 31)]


def test_prices_without_vat_get_it_copy_by_copy() -> None:
    quote = levied(_quote(_tape(7, 999), postage=0), Levy(TaxedAs.HOME, "DE", 1900, 700, exclusive=True))
    assert (quote.lines[0].unit.amount, quote.added.amount, quote.total.amount) == (1189, 1330, 8323)
    assert [line.amount.amount for line in quote.full_lines] == [6993]
    assert _said(taxes(quote)) == [(0, 1900, 6993, 1330)]


def test_what_is_shown_of_added_vat_adds_up_with_a_code() -> None:
    less = take_off(_quote(_tape(3, 1000), _zine(1, 700)), Rule(3, "SPRING", CodeKind.AMOUNT, 500, None))
    quote = levied(less, Levy(TaxedAs.OSS, "FR", 2000, 550, exclusive=True))
    shown = sum(line.amount.amount for line in quote.full_lines) + quote.postage.full.amount - quote.off.amount
    assert (quote.off.amount, shown + quote.added.amount) == (500, quote.total.amount)
    assert sum(row.tax for row in taxes(quote)) == quote.added.amount


def test_postage_follows_its_goods() -> None:
    quote = levied(_quote(_tape(1, 3000), _zine(1, 1000), postage=400), GERMAN)
    assert _said(taxes(quote)) == [
        (0, 1900, within_rest(3000, 1900), within(3000, 1900)),
        (1, 700, within_rest(1000, 700), within(1000, 700)),
        (None, 1900, within_rest(300, 1900), within(300, 1900)),
        (None, 700, within_rest(100, 700), within(100, 700)),
    ]


def test_postage_of_what_costs_nothing_goes_by_the_number_of_copies() -> None:
    quote = levied(_quote(_tape(1, 0), _zine(3, 0), postage=400), GERMAN)
    assert [(row.rate, row.net + row.tax) for row in taxes(quote) if row.line is None] == [(1900, 100), (700, 300)]


def within_rest(gross: int, rate: int) -> int:
    return gross - within(gross, rate)


def test_half_up() -> None:
    assert [within(119, 1900), within(1, 1900), within(0, 1900), within(3, 2000)] == [19, 0, 0, 1]
    assert [on_top(100, 1900), on_top(50, 100), on_top(49, 100), on_top(100, 550)] == [19, 1, 0, 6]


@pytest.mark.parametrize(
    ("way", "home", "to", "as_what", "country", "rates"),
    [
        (None, "DE", "FR", TaxedAs.UNSAID, "FR", (0, 0)),
        (VatWay.NONE, "DE", "FR", TaxedAs.NONE, "FR", (0, 0)),
        (VatWay.STRIPE, "DE", "FR", TaxedAs.STRIPE, "FR", (0, 0)),
        (VatWay.HOME, "DE", "DE", TaxedAs.HOME, "DE", (1900, 700)),
        (VatWay.HOME, "DE", "FR", TaxedAs.HOME, "DE", (1900, 700)),
        (VatWay.HOME, "DE", "JP", TaxedAs.EXPORT, "JP", (0, 0)),
        (VatWay.DESTINATION, "DE", "DE", TaxedAs.HOME, "DE", (1900, 700)),
        (VatWay.DESTINATION, "DE", "FI", TaxedAs.OSS, "FI", (2550, 1350)),
        (VatWay.DESTINATION, "DE", "MC", TaxedAs.OSS, "FR", (2000, 550)),
        (VatWay.DESTINATION, "DE", "GB", TaxedAs.EXPORT, "GB", (0, 0)),
        (VatWay.HOME, "GB", "GB", TaxedAs.HOME, "GB", (2000, 0)),
        (VatWay.HOME, "GB", "IE", TaxedAs.EXPORT, "IE", (0, 0)),
    ],
)
def test_what_is_taxed_where(
    way: VatWay | None, home: str, to: str, as_what: TaxedAs, country: str, rates: tuple[int, int]
) -> None:
    found = levy(way, home, to, DAY)
    assert (found.taxed_as, found.country, (found.standard, found.reduced)) == (as_what, country, rates)


def test_an_export_keeps_its_price() -> None:
    for exclusive in (False, True):
        quote = levied(_quote(_tape(2, 2400)), levy(VatWay.HOME, "DE", "US", DAY, exclusive=exclusive))
        assert (quote.total.amount, quote.added.amount) == (4995, 0)
        assert _said(taxes(quote)) == [(0, 0, 4800, 0), (None, 0, 195, 0)]


def test_the_newest_rate_holds_and_a_labels_own_on_the_same_day() -> None:
    ee = [in_force("EE", VatKind.STANDARD, day) for day in (date(2023, 12, 31), date(2024, 1, 1), date(2025, 6, 30), DAY)]
    assert [rate.basis_points for rate in ee if rate] == [2000, 2200, 2200, 2400]
    mine = [
        Rate("EE", VatKind.STANDARD, 2500, date(2025, 7, 1), "", own=True),
        Rate("EE", VatKind.STANDARD, 9, date(2024, 5, 1), ""),
    ]
    found = in_force("EE", VatKind.STANDARD, DAY, mine)
    assert found is not None
    assert found.basis_points == 2500
    assert in_force("XX", VatKind.STANDARD, DAY) is None
    only = Rate("XX", VatKind.STANDARD, 500, date(2026, 1, 1), "", own=True)
    assert in_force("XX", VatKind.REDUCED, DAY, [only]) == only


def test_the_rows_that_come_with_it() -> None:
    assert len({(rate.country, rate.kind, rate.since) for rate in RATES}) == len(RATES)
    assert all(0 <= rate.basis_points <= 2700 and rate.source for rate in RATES)
    assert len(UNION) == 27
    for country in UNION:
        assert all(in_force(country, kind, DAY) for kind in VatKind), country
    assert {made_as for made_as in Format if kind_of(made_as) is VatKind.REDUCED} == {Format.ZINE}


_LINES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9_000), st.sampled_from(list(VatKind))), min_size=1, max_size=4)
_LEVIES = st.builds(
    Levy, st.just(TaxedAs.OSS), st.just("FR"), st.integers(0, 3_000), st.integers(0, 3_000), exclusive=st.booleans()
)
_RULES = st.one_of(
    st.none(),
    st.builds(Rule, st.just(3), st.just("C"), st.just(CodeKind.PERCENT), st.integers(1, 100), st.none()),
    st.builds(Rule, st.just(3), st.just("C"), st.just(CodeKind.AMOUNT), st.integers(1, 20_000), st.none()),
    st.builds(Rule, st.just(3), st.just("C"), st.just(CodeKind.POSTAGE), st.just(0), st.none()),
)


@given(_LINES, st.integers(0, 5_000), _LEVIES, _RULES)
def test_parts_add_up_to_the_total_line_by_line(
    lines: list[tuple[int, int, VatKind]], postage: int, how: Levy, rule: Rule | None
) -> None:
    before = _quote(*lines, postage=postage)
    quote = levied(take_off(before, rule) if rule else before, how)
    rows = taxes(quote)
    assert [row.net + row.tax for row in rows if row.line is not None] == [line.amount.amount for line in quote.lines]
    assert sum(row.net + row.tax for row in rows if row.line is None) == quote.postage.amount.amount
    assert sum(row.net + row.tax for row in rows) == quote.total.amount
    assert all(type(number) is int and number >= 0 for row in rows for number in (row.net, row.tax))
    for row in rows:  # never more than half a minor unit beside the exact figure, for each copy where it is added copy by copy
        copies = quote.lines[row.line].quantity if row.line is not None and how.exclusive else 1
        assert abs(row.tax * 10_000 - row.net * row.rate) <= copies * (10_000 + row.rate) / 2 + row.rate
    if how.exclusive:
        assert sum(row.tax for row in rows) == quote.added.amount
        shown = sum(line.amount.amount for line in quote.full_lines) + quote.postage.full.amount - quote.off.amount
        assert shown + quote.added.amount == quote.total.amount
    else:
        assert (quote.total, quote.added.amount) == ((take_off(before, rule) if rule else before).total, 0)
    assert from_json(json.loads(json.dumps(quote.as_json()))) == quote


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=6).filter(any))
def test_shares_leave_nothing_over(amount: int, weights: list[int]) -> None:
    parts = shared(amount, weights)
    assert sum(parts) == amount
    assert all(abs(part * sum(weights) - amount * weight) <= sum(weights) for part, weight in zip(parts, weights, strict=True))

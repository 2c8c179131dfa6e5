"""Somewhere to begin with postage: zones that do not overlap, and prices that nobody takes for a tariff."""

import pytest

from app.fulfilment.postage import EVERYWHERE
from app.fulfilment.starting_tariff import starts
from app.kernel.money import CURRENCIES
from app.reports import countries


@pytest.mark.parametrize(
    ("country", "currency", "found"),
    [
        ("DE", "EUR", [("home", 1, 6), ("europe", 35, 14), ("world", 1, 20)]),
        ("GB", "GBP", [("home", 1, 5), ("europe", 35, 12), ("world", 1, 19)]),
        ("US", "USD", [("home", 1, 7), ("world", 1, 25)]),
        ("JP", "JPY", [("home", 1, 950), ("world", 1, 3500)]),
    ],
)
def test_zones_as_seen_from_a_country(country: str, currency: str, found: list[tuple[str, int, int]]) -> None:
    assert [(start.key, len(start.countries), start.amount) for start in starts(country, currency)] == found


def test_no_country_stands_in_two_zones_and_every_code_is_one() -> None:
    for country in countries.EVERY:
        named = [code for start in starts(country, "EUR") for code in start.countries]
        assert len(named) == len(set(named))
        assert named[0] == country
        assert set(named) - {EVERYWHERE} <= {*countries.EVERY}


@pytest.mark.parametrize("currency", CURRENCIES)
def test_further_away_costs_more(currency: str) -> None:
    amounts = [start.amount for start in starts("DE", currency)]
    assert amounts == sorted(set(amounts))
    assert amounts[0] > 0

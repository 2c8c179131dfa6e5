"""Money: whole minor units, exact arithmetic, no mixing of currencies, and careful reading of what people type."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kernel.money import CURRENCIES, Money, digits, parse


def test_it_adds_takes_away_and_multiplies() -> None:
    assert Money(2400, "EUR") + Money(195, "EUR") == Money(2595, "EUR")
    assert Money(2400, "EUR") - Money(2500, "EUR") == Money(-100, "EUR")
    assert Money(2400, "EUR") * 3 == Money(7200, "EUR")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="EUR and USD do not add up"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="JPY and EUR"):
        Money(1, "JPY") - Money(1, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (2400, "EUR", "€24.00"),
        (5, "USD", "$0.05"),
        (2400, "JPY", "¥2,400"),
        (0, "GBP", "£0.00"),
        (123456, "CHF", "CHF1,234.56"),
    ],
)
def test_it_is_written_as_people_do(amount: int, currency: str, written: str) -> None:
    assert Money(amount, currency).format() == written


def test_it_is_written_in_other_languages() -> None:
    assert Money(2400, "EUR").format("de") == "24,00\xa0€"


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("USD", 2)])
def test_currencies_have_their_digits(currency: str, places: int) -> None:
    assert digits(currency) == places


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("24", "EUR", 2400),
        ("24.5", "EUR", 2450),
        ("24,50", "EUR", 2450),
        (" 0.05 ", "EUR", 5),
        ("2400", "JPY", 2400),
        ("-3", "EUR", -300),
    ],
)
def test_it_reads_what_people_type(typed: str, currency: str, amount: int) -> None:
    assert parse(typed, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "EUR"),
        ("free", "EUR"),
        ("1,000", "EUR"),  # a thousand, or one? Not one euro at any rate
        ("1.005", "EUR"),
        ("24.00", "JPY"),
        ("1e3", "EUR"),
        ("1e999999999", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1_000", "EUR"),
        ("٣", "EUR"),
        ("99999999", "EUR"),
        ("0x10", "EUR"),
        ("1 2", "EUR"),
    ],
)
def test_it_refuses_what_is_no_amount(typed: str, currency: str) -> None:
    with pytest.raises(ValueError):
        parse(typed, currency)


@given(st.integers(0, 10**9), st.sampled_from(CURRENCIES))
@example(10**9, "JPY")
def test_what_is_written_plainly_is_read_back(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert parse(f"{money.decimal:f}", currency) == money
    assert money.decimal == Decimal(amount) / 10 ** digits(currency)

"""Where a form begins, from the languages of a browser."""

import pytest

from app.kernel.money import CURRENCIES
from app.reports import countries
from app.staff.label_form import zones
from app.web.guess import guessed, of_country


@pytest.mark.parametrize(
    ("languages", "found"),
    [
        (["de-AT", "de"], ("AT", "EUR", "Europe/Vienna")),
        (["en-GB"], ("GB", "GBP", "Europe/London")),
        (["en"], ("GB", "GBP", "Europe/London")),
        (["en-US", "en"], ("US", "USD", "America/New_York")),
        (["ja"], ("JP", "JPY", "Asia/Tokyo")),
        (["sv-SE"], ("SE", "SEK", "Europe/Stockholm")),
        (["pt-BR"], ("BR", "EUR", "")),
        (["xx", "fr"], ("FR", "EUR", "Europe/Paris")),
        (["zh-Hant-TW"], ("TW", "EUR", "Asia/Taipei")),
        ([], ("DE", "EUR", "Europe/Berlin")),
        (["*", "", "-", "1-2-3"], ("DE", "EUR", "Europe/Berlin")),
    ],
)
def test_what_a_browser_says(languages: list[str], found: tuple[str, str, str]) -> None:
    country, currency, zone = guessed(languages)
    assert (country, currency) == found[:2]
    assert zone == found[2] or not found[2]


def test_a_guess_is_always_one_of_the_lists() -> None:
    for code in countries.EVERY:
        country, currency, zone = guessed([f"en-{code}"])
        assert (country, currency in CURRENCIES, zone in zones()) == (code, True, True), code


@pytest.mark.parametrize(
    ("country", "currency", "zone"),
    [
        ("IE", "EUR", "Europe/Dublin"), ("GB", "GBP", "Europe/London"), ("US", "USD", "America/New_York"),
        ("CA", "CAD", "America/Toronto"), ("AU", "AUD", "Australia/Sydney"), ("MX", "MXN", "America/Mexico_City"),
        ("NZ", "NZD", "Pacific/Auckland"), ("ES", "EUR", "Europe/Madrid"), ("CH", "CHF", "Europe/Zurich"),
        ("BR", "EUR", "America/Sao_Paulo"), ("ID", "EUR", "Asia/Jakarta"), ("CL", "EUR", "America/Santiago"),
    ],
)  # fmt: skip
def test_a_country_goes_with_its_currency_and_the_clock_of_most(country: str, currency: str, zone: str) -> None:
    assert of_country(country) == (currency, zone)


def test_what_goes_with_a_country_can_be_chosen_in_the_form() -> None:
    offered = set(zones())
    for country in countries.EVERY:
        currency, zone = of_country(country)
        assert (currency in CURRENCIES, zone in offered) == (True, True), country
        if country != "DE":
            assert zone != "Europe/Berlin", country

"""Where a form begins, from the languages of a browser."""

import pytest

from app.kernel.money import CURRENCIES
from app.reports import countries
from app.staff.label_form import zones
from app.web.guess import guessed


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

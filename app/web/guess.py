"""Where somebody probably lives, from the languages that their browser asks for: something to begin a form with."""

from collections.abc import Iterable

from babel.core import get_global
from babel.numbers import get_territory_currencies

from app.kernel.money import CURRENCIES
from app.reports import countries

_OTHERWISE = "DE"
# Countries with several clocks: the one by which most people live, as Babel's list begins elsewhere.
_MOST = {"US": "America/New_York", "CA": "America/Toronto", "AU": "Australia/Sydney", "ES": "Europe/Madrid", "PT": "Europe/Lisbon"}
_SPOKEN = {"en": "GB", "ja": "JP", "sv": "SE", "da": "DK", "cs": "CZ", "nb": "NO", "no": "NO", "et": "EE", "el": "GR", "uk": "UA"}


def guessed(languages: Iterable[str]) -> tuple[str, str, str]:
    """Country, currency and time zone for the first language that tells: "de-AT" is AT, EUR, Europe/Vienna."""
    country = next((found for each in languages if (found := _country(each))), _OTHERWISE)
    currency = next((code for code in get_territory_currencies(country) if code in CURRENCIES), "EUR")
    zones = get_global("territory_zones").get(country) or ["Europe/Berlin"]
    return country, currency, _MOST.get(country) or next((zone for zone in zones if "/" in zone), "Europe/Berlin")


def _country(language: str) -> str:
    spoken, _, place = language.replace("_", "-").partition("-")
    for code in (place.rpartition("-")[2].upper(), _SPOKEN.get(spoken.lower(), spoken.upper())):
        if code in countries.EVERY:
            return code
    return ""

"""Where somebody probably lives, by their browser's languages, and what goes with a country: something to begin a form with."""

from collections.abc import Iterable

from babel.core import get_global
from babel.numbers import get_territory_currencies

from app.kernel.money import CURRENCIES
from app.reports import countries

_OTHERWISE = "DE"
# Countries with several clocks where Babel's list does not begin with the one by which most people live, and those that it has
# no clock for.
_MOST = {
    "US": "America/New_York", "CA": "America/Toronto", "AU": "Australia/Sydney", "ES": "Europe/Madrid", "PT": "Europe/Lisbon",
    "BR": "America/Sao_Paulo", "CD": "Africa/Kinshasa", "CL": "America/Santiago", "CY": "Asia/Nicosia", "EC": "America/Guayaquil",
    "GL": "America/Nuuk", "ID": "Asia/Jakarta", "KI": "Pacific/Tarawa", "KZ": "Asia/Almaty", "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "PF": "Pacific/Tahiti", "RU": "Europe/Moscow", "UZ": "Asia/Tashkent",
    "AQ": "Antarctica/McMurdo", "AC": "Atlantic/St_Helena", "TA": "Atlantic/St_Helena", "BV": "Europe/Oslo",
    "XK": "Europe/Belgrade",
}  # fmt: skip
_SPOKEN = {"en": "GB", "ja": "JP", "sv": "SE", "da": "DK", "cs": "CZ", "nb": "NO", "no": "NO", "et": "EE", "el": "GR", "uk": "UA"}


def guessed(languages: Iterable[str]) -> tuple[str, str, str]:
    """Country, currency and time zone for the first language that tells: "de-AT" is AT, EUR, Europe/Vienna."""
    country = next((found for each in languages if (found := _country(each))), _OTHERWISE)
    return country, *of_country(country)


def of_country(country: str) -> tuple[str, str]:
    """The currency it pays in, or EUR where Runout does not know that one; the time zone of most who live there."""
    currency = next((code for code in get_territory_currencies(country) if code in CURRENCIES), "EUR")
    zones = get_global("territory_zones").get(country) or ["Europe/Berlin"]
    return currency, _MOST.get(country) or next((zone for zone in zones if "/" in zone), "Europe/Berlin")


def _country(language: str) -> str:
    spoken, _, place = language.replace("_", "-").partition("-")
    for code in (place.rpartition("-")[2].upper(), _SPOKEN.get(spoken.lower(), spoken.upper())):
        if code in countries.EVERY:
            return code
    return ""

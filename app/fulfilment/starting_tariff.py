"""Somewhere to begin with postage: zones seen from a country, and prices of the right size for a currency.

The prices are nobody's tariff. They are round numbers of the size that a tracked parcel costs, made to be corrected.
"""

from dataclasses import dataclass

from app.fulfilment.customs import UNION
from app.fulfilment.postage import EVERYWHERE

NEAR = frozenset(["CH", "GB", "IS", "LI", "NO", "AD", "SM", "VA"])  # beside the union, and posted to like a neighbour
_AWAY = {"home": 6, "europe": 14, "world": 22}  # euros
_GRAMS = 2000
# What a euro is worth, roughly: good enough for the size of a price.
_WORTH = {
    "EUR": 1.0, "GBP": 0.85, "USD": 1.1, "CHF": 1.0, "JPY": 160, "SEK": 11, "NOK": 12, "DKK": 7.5, "PLN": 4.3, "CZK": 25,
    "AUD": 1.7, "CAD": 1.5, "NZD": 1.9, "HUF": 400, "RON": 5, "MXN": 20,
}  # fmt: skip


@dataclass(frozen=True)
class Start:
    """One zone with one rate: `amount` in whole units of the currency, `max_weight` in grams with packaging."""

    key: str
    countries: tuple[str, ...]
    amount: int
    max_weight: int


def starts(country: str, currency: str) -> tuple[Start, ...]:
    """Home, the neighbours where they are many, and the rest of the world."""
    zones: list[tuple[str, tuple[str, ...]]] = [("home", (country,))]
    if country in UNION | NEAR:
        zones.append(("europe", tuple(sorted((UNION | NEAR) - {country}))))
    zones.append(("world", (EVERYWHERE,)))
    return tuple(Start(key, where, _round(_AWAY[key] * _WORTH.get(currency, 1.0)), _GRAMS) for key, where in zones)


def _round(amount: float) -> int:
    """A number that nobody takes for a tariff: to fives above twenty, to fifties above two hundred, and so on."""
    step = next(step for step, most in ((1, 20), (5, 200), (50, 2000), (500, float("inf"))) if amount <= most)
    return max(1, round(amount / step) * step)

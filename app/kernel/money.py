"""Money as whole minor units plus a currency; never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_precision

# What Stripe refuses to charge less than, in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
STRIPE_MINIMUM = {
    "EUR": 50,
    "USD": 50,
    "GBP": 30,
    "CHF": 50,
    "JPY": 50,
    "SEK": 300,
    "NOK": 300,
    "DKK": 250,
    "PLN": 200,
    "CZK": 1500,
    "AUD": 50,
    "CAD": 50,
    "NZD": 50,
    "HUF": 17500,
    "RON": 200,
    "MXN": 1000,
}
CURRENCIES = tuple(STRIPE_MINIMUM)


@dataclass(frozen=True)
class Money:
    """`amount` in minor units (cents; yen as they are) of the ISO 4217 `currency`, upper case."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-digits(self.currency))

    def format(self, locale: Locale | str = "en") -> str:
        """As people write it, for example €24.00."""
        return _written(self, locale)


@lru_cache(1024)  # the same few prices are written again and again
def _written(money: Money, locale: Locale | str) -> str:
    return str(format_currency(money.decimal, money.currency, locale=locale))


def digits(currency: str) -> int:
    """How many decimal digits the currency has: 2 for EUR, 0 for JPY."""
    return int(get_currency_precision(currency))


def parse(text: str, currency: str) -> Money:
    """Money from what a person typed in major units ("24", "24.50", "24,50"); ValueError when it is none."""
    places = digits(currency)
    # No more decimals than the currency has: "1,000" meant a thousand, and must not become one euro.
    if not re.fullmatch(r"-?[0-9]{1,10}" + (rf"([.,][0-9]{{1,{places}}})?" if places else ""), text.strip()):
        raise ValueError(f"{text!r} is not an amount in {currency}")
    value = Decimal(text.strip().replace(",", ".")).scaleb(places)
    if abs(value) > 10**9:
        raise ValueError(f"{text!r} is too much")
    return Money(int(value), currency)

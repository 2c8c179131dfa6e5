"""Amounts in minor units: Stripe's smallest and largest charge, and how a person reads them."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency

from sandbox.errors import invalid

# Least charge per currency, in minor units (Stripe's documented minimums; 50 where none is listed).
_MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200,
    "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
)
_LARGEST = 99_999_999


def shown(amount: int, currency: str) -> str:
    """``1250, "eur"`` → ``€12.50``."""
    major = Decimal(amount) if currency in ZERO_DECIMAL else Decimal(amount) / 100
    return str(format_currency(major, currency.upper(), locale="en"))


def check_currency(currency: str, param: str) -> str:
    """The currency in lower case; refused unless it is three letters."""
    code = currency.lower()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise invalid(f"Invalid currency: {currency[:20]}.", param=param)
    return code


def check_total(total: int, currency: str) -> None:
    """Refuse a total that Stripe would not charge; nothing at all is allowed."""
    least = _MINIMUM.get(currency, 50)
    if 0 < total < least:
        message = f"The Checkout Session's total amount due must add up to at least {shown(least, currency)} {currency}"
        raise invalid(message, code="amount_too_small")
    if total > _LARGEST:
        raise invalid("The Checkout Session's total amount must be no more than 99999999.", code="amount_too_large")


def exchanged(amount: int, currency: str, to: str, rate: float) -> int:
    """An amount in another currency's minor units; ``rate`` is what one unit of the first is in units of the second."""
    digits = (0 if to in ZERO_DECIMAL else 2) - (0 if currency in ZERO_DECIMAL else 2)
    return int((Decimal(amount) * Decimal(str(rate)) * Decimal(10) ** digits).to_integral_value(ROUND_HALF_UP))

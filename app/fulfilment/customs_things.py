"""What customs sees in a copy: one thing, or two where the run says so, each with the share of price and weight that is its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.models import Format
from app.fulfilment.posting import Thing
from app.kernel.money import Money


@dataclass(frozen=True)
class Kind:
    """What a format is called on a customs form, and the six digits of the Harmonized System that are meant for it."""

    what: str
    heading: str


# The Harmonized System of 2022, https://www.wcotradetools.org/en/harmonized-system/2022 (chapters 49 and 85; looked up 2026-11-29).
KINDS: dict[Format, Kind] = {
    Format.CASSETTE: Kind("Recorded music cassette", "852329"),
    Format.VINYL_7: Kind("Recorded vinyl record, 7 inch", "852380"),
    Format.VINYL_10: Kind("Recorded vinyl record, 10 inch", "852380"),
    Format.VINYL_12: Kind("Recorded vinyl record, 12 inch", "852380"),
    Format.USB_ZINE: Kind("Recorded USB stick with music", "852351"),
    Format.ZINE: Kind("Printed zine (booklet)", "490199"),
    Format.CD: Kind("Recorded music CD", "852349"),
    Format.OTHER: Kind("", ""),
}


@dataclass(frozen=True)
class Second:
    """The second thing in every copy of a run; `price` in minor units, `weight` in grams."""

    what: str
    hs_code: str
    price: int
    weight: int


@dataclass(frozen=True)
class Copies:
    """Some copies of one run in a parcel, as they were sold."""

    run_id: int
    format: Format
    title: str
    pieces: int
    unit: Money
    weight: int
    hs_code: str
    origin: str
    sku: str


def things(copies: Copies, seconds: Mapping[int, Second]) -> tuple[Thing, ...]:
    """What is declared for these copies: the thing itself, and the second one where its run has one."""
    second = seconds.get(copies.run_id)
    if second is None:
        return (_thing(copies, called(copies), copies.unit, copies.weight, copies.hs_code),)
    share = Money(min(second.price, copies.unit.amount), copies.unit.currency)
    weight = min(second.weight, copies.weight)
    return (
        _thing(copies, called(copies), copies.unit - share, copies.weight - weight, copies.hs_code),
        _thing(copies, second.what, share, weight, second.hs_code),
    )


def called(copies: Copies) -> str:
    """What a customs form calls it; a format of no known kind is called by its run's title."""
    return KINDS[copies.format].what or copies.title


def _thing(copies: Copies, what: str, value: Money, weight: int, hs_code: str) -> Thing:
    digits = "".join(sign for sign in hs_code if sign.isdigit())  # some are kept as people write them: 8523.29
    return Thing(copies.run_id, what, copies.pieces, value, weight, digits, copies.origin, copies.sku)

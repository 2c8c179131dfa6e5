"""Postage zones and rates as rows of a table."""

from dataclasses import dataclass

from app.fulfilment import postage
from app.fulfilment.models import PostageRate, PostageZone
from app.kernel.money import Money
from app.reports import countries


@dataclass(frozen=True)
class RateRow:
    """A way to post within a zone."""

    id: int
    name: str
    carrier: str
    amount: Money
    max_weight: int
    tracked: bool
    days: str
    retired: bool


@dataclass(frozen=True)
class ZoneRow:
    """A zone with its countries by name; `rest` when it is the rest of the world."""

    id: int
    name: str
    codes: tuple[str, ...]
    places: str
    rest: bool
    rates: tuple[RateRow, ...]


def zone_row(zone: PostageZone, currency: str) -> ZoneRow:
    """One zone, its retired rates last."""
    codes = tuple(zone.countries.split())
    rest = postage.EVERYWHERE in codes
    return ZoneRow(
        id=zone.id,
        name=zone.name,
        codes=codes,
        places="" if rest else ", ".join(name for _, name in countries.named(list(codes))),
        rest=rest,
        rates=tuple(rate_row(rate, currency) for rate in sorted(zone.rates, key=lambda rate: rate.retired_at is not None)),
    )


def rate_row(rate: PostageRate, currency: str) -> RateRow:
    """One rate."""
    amount = Money(rate.amount, currency)
    retired = rate.retired_at is not None
    return RateRow(rate.id, rate.name, rate.carrier, amount, rate.max_weight, rate.tracked, rate.days, retired)

"""What it costs to post a parcel somewhere, by zone and weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from app.fulfilment.models import PostageRate, PostageZone
from app.kernel.money import Money
from app.kernel.ready import Ready
from app.kernel.schema import table

EVERYWHERE = "*"


@dataclass(frozen=True)
class Offer:
    """A way to post a parcel of known weight to a country."""

    rate_id: int
    zone: str
    name: str
    amount: Money
    tracked: bool
    days: str
    carrier: str


@dataclass(frozen=True)
class Rate:
    """A rate as a plain value."""

    id: int
    name: str
    amount: int
    max_weight: int
    tracked: bool
    days: str
    carrier: str
    retired_at: datetime | None


@dataclass(frozen=True)
class Zone:
    """A zone as a plain value, its rates cheapest first."""

    name: str
    countries: str
    rates: tuple[Rate, ...]


Zones = Sequence[Zone] | Sequence[PostageZone]
_ZONES, _RATES = table(PostageZone), table(PostageRate)
_TARIFF = Ready(
    select(_ZONES.c.id, _ZONES.c.name, _ZONES.c.countries)
    .add_columns(*(_RATES.c[name] for name in ("id", "name", "amount", "max_weight", "tracked", "days", "carrier", "retired_at")))
    .join_from(_ZONES, _RATES, isouter=True)
    .where(_ZONES.c.label_id == bindparam("label"))
    .order_by(_ZONES.c.name, _ZONES.c.id, _RATES.c.amount, _RATES.c.id)
)


def tariff(session: Session, label_id: int) -> tuple[Zone, ...]:
    """The same as `zones` with one statement and without a single mapped object."""
    rows = groupby(_TARIFF.rows(session, label=label_id), key=lambda row: row[:3])
    return tuple(Zone(name, served, tuple(Rate(*row[3:]) for row in own if row[3])) for (_, name, served), own in rows)


def zones(session: Session, label_id: int) -> Sequence[PostageZone]:
    """All zones of a label with their rates, by name."""
    wanted = select(PostageZone).where(PostageZone.label_id == label_id).options(selectinload(PostageZone.rates))
    return session.scalars(wanted.order_by(PostageZone.name)).all()


def offers(zones: Zones, country: str, weight: int, currency: str) -> list[Offer]:
    """The ways to post `weight` grams to a country, cheapest first; a zone naming the country wins over the rest of the world."""
    named = [zone for zone in zones if country in zone.countries.split()]
    serving = named or [zone for zone in zones if EVERYWHERE in zone.countries.split()]
    found = [
        Offer(rate.id, zone.name, rate.name, Money(rate.amount, currency), rate.tracked, rate.days, rate.carrier)
        for zone in serving
        for rate in zone.rates
        if rate.retired_at is None and weight <= rate.max_weight
    ]
    return sorted(found, key=lambda offer: (offer.amount.amount, offer.rate_id))


def cheapest(zones: Zones, weight: int, currency: str) -> Money | None:
    """The lowest postage anywhere for a parcel of that weight, for "postage from"; None when nothing can be posted."""
    amounts = [rate.amount for zone in zones for rate in zone.rates if rate.retired_at is None and weight <= rate.max_weight]
    return Money(min(amounts), currency) if amounts else None


def countries(zones: Zones, every: Sequence[str]) -> list[str]:
    """The countries that can be posted to, out of `every` known one."""
    served = {code for zone in zones if _offered(zone) for code in zone.countries.split()}
    return [code for code in every if code in served or EVERYWHERE in served]


def _offered(zone: Zone | PostageZone) -> bool:
    return any(rate.retired_at is None for rate in zone.rates)


def rate(session: Session, rate_id: int) -> PostageRate | None:
    """One rate, with its zone."""
    return session.get(PostageRate, rate_id)

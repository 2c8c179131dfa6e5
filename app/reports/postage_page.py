"""What a label charges for postage, and what that means for the things it makes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.formats import WORDS
from app.catalogue.models import Format, Label, Release, Run
from app.fulfilment import postage, tariff
from app.fulfilment.models import PostageZone
from app.reports import countries
from app.reports.postage_rows import ZoneRow, zone_row

USUAL = ((WORDS[Format.CASSETTE], 90), (WORDS[Format.VINYL_12], 320))
ASKED = ("FR", "GB", "US", "JP")
MOST_THINGS, MOST_COUNTRIES = 6, 8


@dataclass(frozen=True)
class Example:
    """What the cheapest way to post each thing to a country costs; None where it cannot be posted."""

    country: str
    cells: tuple[postage.Offer | None, ...]


@dataclass(frozen=True)
class PostagePage:
    """A label's postage; `things` are (what, grams) without packaging, `twice` countries that stand in several zones."""

    label_id: int
    label: str
    currency: str
    packaging: int
    zones: tuple[ZoneRow, ...]
    things: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]
    twice: tuple[tuple[str, str], ...]
    joins_orders: bool


def postage_page(session: Session, label: Label) -> PostagePage:
    """The page of this label."""
    zones = postage.zones(session, label.id)
    things = _things(session, label.id)
    return PostagePage(
        label_id=label.id,
        label=label.name,
        currency=label.currency,
        packaging=label.packaging_weight,
        zones=tuple(zone_row(zone, label.currency) for zone in zones),
        things=things,
        examples=tuple(_example(zones, code, things, label) for code in _codes(zones, label.country)),
        twice=tuple((countries.name(code), ", ".join(names)) for code, names in tariff.twice(zones).items()),
        joins_orders=label.joins_orders,
    )


def _things(session: Session, label_id: int) -> tuple[tuple[str, int], ...]:
    """What the label makes, one of each format and weight, lightest first; usual things while it makes nothing.

    Where that would be too many, the lightest, the heaviest and steps between them.
    """
    made = (
        select(Run.format, Run.weight)
        .join(Release, Release.id == Run.release_id)
        .where(Release.label_id == label_id, Run.weight > 0)
    )
    found = session.execute(made.distinct().order_by(Run.weight, Run.format)).all()
    steps = min(len(found), MOST_THINGS)
    shown = [found[at * (len(found) - 1) // max(steps - 1, 1)] for at in range(steps)]
    return tuple((WORDS[format_], weight) for format_, weight in shown) or USUAL


def _codes(zones: Sequence[PostageZone], home: str) -> list[str]:
    """Home, one country of each zone, and those that are asked about most."""
    named = [code for zone in zones for code in zone.countries.split()[:1] if code != postage.EVERYWHERE]
    return list(dict.fromkeys((home, *named, *ASKED)))[:MOST_COUNTRIES]


def _example(zones: Sequence[PostageZone], code: str, things: Sequence[tuple[str, int]], label: Label) -> Example:
    offers = [postage.offers(zones, code, weight + label.packaging_weight, label.currency) for _, weight in things]
    return Example(countries.name(code), tuple(found[0] if found else None for found in offers))

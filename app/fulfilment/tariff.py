"""Setting up postage: zones with their countries, and rates that are retired rather than deleted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment.models import PostageRate, PostageZone
from app.fulfilment.postage import EVERYWHERE
from app.inventory.models import Hold
from app.kernel.errors import BadInput, Conflict, NotFound


@dataclass(frozen=True)
class Terms:
    """What a rate says: `amount` in minor units of the label's currency, `max_weight` in grams with packaging."""

    name: str
    carrier: str
    amount: int
    max_weight: int
    tracked: bool
    days: str


def add_zone(session: Session, label_id: int, name: str, countries: Iterable[str]) -> PostageZone:
    """A new zone without rates. Raises BadInput when the name is missing or taken, or a country is none."""
    zone = PostageZone(label_id=label_id, name=_free_name(session, label_id, name, None), countries=_written(countries))
    session.add(zone)
    session.flush()
    return zone


def change_zone(session: Session, zone_id: int, name: str, countries: Iterable[str]) -> PostageZone:
    """Another name or other countries for a zone; without countries it serves nowhere. Raises NotFound or BadInput."""
    zone = session.get(PostageZone, zone_id, with_for_update=True)
    if zone is None:
        raise NotFound("There is no such postage zone.")
    zone.name, zone.countries = _free_name(session, zone.label_id, name, zone.id), _written(countries)
    session.flush()
    return zone


def add_rate(session: Session, zone_id: int, terms: Terms) -> PostageRate:
    """A new way to post within a zone. Raises NotFound or BadInput."""
    if session.get(PostageZone, zone_id) is None:
        raise NotFound("There is no such postage zone.")
    rate = PostageRate(zone_id=zone_id, **_checked(terms))
    session.add(rate)
    session.flush()
    return rate


def change_rate(session: Session, rate_id: int, terms: Terms, now: datetime) -> PostageRate:
    """The rate with other terms; one that a fan has chosen is retired and a new one takes its place.

    Raises NotFound, BadInput, or Conflict when it is retired.
    """
    rate = _current(session, rate_id)
    values = _checked(terms)
    if session.scalar(select(Hold.id).where(Hold.rate_id == rate.id).limit(1)) is not None:
        rate.retired_at = now
        return add_rate(session, rate.zone_id, terms)
    for name, value in values.items():
        setattr(rate, name, value)
    session.flush()
    return rate


def retire_rate(session: Session, rate_id: int, now: datetime) -> PostageRate:
    """Offer a rate no longer; orders that were posted with it keep its name. Raises NotFound or Conflict."""
    rate = _current(session, rate_id)
    rate.retired_at = now
    session.flush()
    return rate


def twice(zones: Iterable[PostageZone]) -> dict[str, list[str]]:
    """Countries that stand in more than one zone, each with those zones' names: fans there are offered all their rates."""
    found: dict[str, list[str]] = {}
    for zone in zones:
        for code in zone.countries.split():
            found.setdefault(code, []).append(zone.name)
    return {code: names for code, names in sorted(found.items()) if len(names) > 1}


def _current(session: Session, rate_id: int) -> PostageRate:
    rate = session.get(PostageRate, rate_id, with_for_update=True, populate_existing=True)
    if rate is None:
        raise NotFound("There is no such postage rate.")
    if rate.retired_at is not None:
        raise Conflict("This rate is retired already. Add a new one instead.")
    return rate


def _free_name(session: Session, label_id: int, name: str, own_id: int | None) -> str:
    taken = select(PostageZone.id).where(PostageZone.label_id == label_id, PostageZone.name == name)
    if not name:
        raise BadInput("A zone needs a name.", {"name": "Please name this zone, for example Europe."})
    if (session.scalar(taken) or own_id) != own_id:
        raise BadInput("There is a zone with this name already.", {"name": "Already taken. Choose another name."})
    return name


def _written(countries: Iterable[str]) -> str:
    """The countries as they are stored; the rest of the world stands alone."""
    codes = sorted(set(countries))
    if EVERYWHERE in codes:
        return EVERYWHERE
    if not all(re.fullmatch(r"[A-Z]{2}", code) for code in codes):
        raise BadInput("One of the countries is none.", {"countries": "Please choose countries of the list."})
    return " ".join(codes)


def _checked(terms: Terms) -> dict[str, object]:
    if not terms.name:
        raise BadInput("A rate needs a name.", {"name": "Please name it as fans should see it, for example Parcel, tracked."})
    if not 0 <= terms.amount <= 10**7:
        raise BadInput("The amount is out of range.", {"amount": "Please give an amount from nothing to 100,000."})
    if not 1 <= terms.max_weight <= 100_000:
        raise BadInput("The weight is out of range.", {"max_weight": "Please give a weight from 1 to 100000 grams."})
    return dict(vars(terms))

"""What a hold costs, posted where the fan says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Format, Label, Release, Run
from app.drops.models import Drop
from app.fulfilment import postage
from app.fulfilment.postage import Offer, Zone
from app.inventory.models import Copy, Hold
from app.kernel.errors import CannotPostThere
from app.kernel.money import Money
from app.kernel.ready import Ready
from app.kernel.schema import table
from app.orders import vat
from app.orders.levy import Levy
from app.orders.taking_off import Rule, take_off
from app.orders.taxes import levied
from app.orders.totals import Postage, Quote, QuoteLine
from app.orders.vat_models import VatSettings, VatWay
from app.orders.vat_rates import kind_of


@dataclass(frozen=True)
class Choice:
    """A quote with the other ways to post that the fan could choose."""

    quote: Quote
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Terms:
    """What a label's prices are in, where it is at home, what its packaging weighs in grams, and how it keeps VAT."""

    label_id: int
    currency: str
    country: str
    packaging: int
    time_zone: str = "UTC"
    way: VatWay | None = None
    exclusive: bool | None = None


@dataclass(frozen=True)
class Goods:
    """Some held copies of one run; `price` in minor units and `weight` in grams are of one copy."""

    run_id: int
    numbers: tuple[int, ...]
    title: str
    last: int
    price: int
    weight: int
    format: Format


def quote(session: Session, hold: Hold, rule: Rule | None = None, *, now: datetime | None = None) -> Choice:
    """The quote of a hold for the country and rate chosen on it; the label's own country and the cheapest rate otherwise.

    `rule` is that of a code that it may use. It is taxed as on the day of `now`; without it, as on the day the hold began.

    Raises CannotPostThere when no rate serves that country and weight.
    """
    session.flush()
    [row] = _TERMS.rows(session, drop=hold.drop_id)
    terms = Terms(*row)
    levy = levy_of(session, hold, terms, now or hold.created_at)
    return choose(hold, terms, goods(session, hold.id), postage.tariff(session, terms.label_id), levy, rule)


def levy_of(session: Session, hold: Hold, terms: Terms, now: datetime) -> Levy:
    """How a hold is taxed, posted where the fan says, or else at home."""
    keeps = vat.Keeps(terms.label_id, terms.country, terms.time_zone, terms.way, exclusive=bool(terms.exclusive))
    return vat.levy_of(session, keeps, hold.country or terms.country, now)


def choose(hold: Hold, terms: Terms, held: Sequence[Goods], zones: Sequence[Zone], levy: Levy, rule: Rule | None = None) -> Choice:
    """The same from what was read already; pure."""
    currency, country = terms.currency, hold.country or terms.country
    weight = terms.packaging + sum(each.weight * len(each.numbers) for each in held)
    offers = postage.offers(zones, country, weight, currency)
    if not offers:
        raise CannotPostThere("This label does not post there yet. Choose another country, or write to the label.", country=country)
    lines = tuple(_line(each, currency) for each in held)
    chosen = next((offer for offer in offers if offer.rate_id == hold.rate_id), offers[0])
    full = Quote(lines, Postage(chosen.rate_id, chosen.name, country, chosen.amount))
    return Choice(levied(take_off(full, rule) if rule else full, levy), tuple(offers))


def _line(each: Goods, currency: str) -> QuoteLine:
    price, kind = Money(each.price, currency), kind_of(each.format)
    return QuoteLine(each.run_id, each.title, each.numbers, each.last, price, kind=kind)


def goods(session: Session, hold_id: int) -> tuple[Goods, ...]:
    """What a live hold contains, by run."""
    found = groupby(_GOODS.rows(session, hold=hold_id), key=lambda row: row[1:])
    return tuple(_goods(run, tuple(row[0] for row in rows)) for run, rows in found)


def title(run: Run) -> str:
    """How a line is called everywhere: artist, title and the run's own title."""
    return _title(run.release.artist.name, run.release.title, run.title)


def _title(artist: str, release: str, run: str) -> str:
    return f"{artist} – {release} ({run})"


def _goods(row: Sequence[Any], numbers: tuple[int, ...]) -> Goods:
    run_id, run, first, size, price, weight, made_as, release, artist = row
    return Goods(run_id, numbers, _title(artist, release, run), first + size - 1, price, weight, made_as)


_COPIES, _DROPS, _LABELS, _RUNS = table(Copy), table(Drop), table(Label), table(Run)
_RELEASES, _ARTISTS, _VAT = table(Release), table(Artist), table(VatSettings)
_TERMS = Ready(
    select(*(_LABELS.c[name] for name in ("id", "currency", "country", "packaging_weight", "time_zone")))
    .add_columns(_VAT.c.way, _VAT.c.exclusive)
    .join_from(_DROPS, _LABELS)
    .join(_VAT, _VAT.c.label_id == _LABELS.c.id, isouter=True)
    .where(_DROPS.c.id == bindparam("drop"))
)
_GOODS = Ready(
    select(_COPIES.c.number, _RUNS.c.id)
    .add_columns(*(_RUNS.c[name] for name in ("title", "first_number", "edition_size", "price", "weight", "format")))
    .add_columns(_RELEASES.c.title, _ARTISTS.c.name)
    .join_from(_COPIES, _RUNS)
    .join(_RELEASES, _RELEASES.c.id == _RUNS.c.release_id)
    .join(_ARTISTS, _ARTISTS.c.id == _RELEASES.c.artist_id)
    .where(_COPIES.c.hold_id == bindparam("hold"), _COPIES.c.number.is_not(None))
    .order_by(_RUNS.c.id, _COPIES.c.number)
)

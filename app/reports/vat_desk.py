"""What the label's page of VAT shows: how it keeps it, and the rates that hold today or come next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.fulfilment import senders
from app.orders import vat, vat_writing
from app.orders.levy import UNION
from app.orders.vat_models import VatKind, VatRate, VatWay
from app.orders.vat_rates import Rate, in_force
from app.orders.vat_writing import Issuer, VatWords
from app.reports import countries
from app.reports.vat_shown import percent


@dataclass(frozen=True)
class RateShown:
    """A rate that holds today; `yours` for one that the label has added."""

    percent: str
    since: date
    source: str
    yours: bool


@dataclass(frozen=True)
class RateRow:
    """The rates of a country; none for printed matter where it has the standard one."""

    country: str
    standard: RateShown | None
    reduced: RateShown | None

    @property
    def since(self) -> date:
        """The day of the newer one."""
        return max(rate.since for rate in (self.standard, self.reduced) if rate)


@dataclass(frozen=True)
class OwnRate:
    """A rate that the label has added, whenever it begins."""

    id: int
    country: str
    kind: VatKind
    percent: str
    since: date
    source: str


@dataclass(frozen=True)
class VatDesk:
    """The page; `said` is None before the label has said how it keeps VAT."""

    label_id: int
    country: str
    code: str
    within_union: bool
    vat_number: str
    address: bool
    said: VatWords | None
    rates: tuple[RateRow, ...]
    own: tuple[OwnRate, ...]

    @property
    def sources(self) -> dict[str, list[str]]:
        """Where the rates come from, each with what it is for."""
        found: dict[str, list[str]] = {}
        for row in self.rates:
            for rate in filter(None, (row.standard, row.reduced)):
                found.setdefault(rate.source, []).append(f"{row.country} {rate.percent} %")
        return found


def vat_desk(session: Session, label: Label, now: datetime) -> VatDesk:
    """The page of one label."""
    said, sender = vat_writing.words(session, label.id), senders.sender(session, label)
    mine = session.scalars(select(VatRate).where(VatRate.label_id == label.id).order_by(VatRate.country, VatRate.since))
    where = sorted(UNION) if said and said.way is VatWay.DESTINATION else [label.country]
    return VatDesk(
        label_id=label.id,
        country=countries.name(label.country),
        code=label.country,
        within_union=label.country in UNION,
        vat_number=sender.vat_number,
        address=sender.complete,
        said=said,
        rates=tuple(_rates(where, today(label, now), vat.own_rates(session, label.id))),
        own=tuple(OwnRate(row.id, countries.name(row.country), row.kind, percent(row.rate), row.since, row.source) for row in mine),
    )


def issuer(session: Session, label: Label) -> Issuer:
    """What invoices need to know of a label."""
    sender = senders.sender(session, label)
    return Issuer(sender.complete, bool(sender.vat_number))


def today(label: Label, now: datetime) -> date:
    """By the label's calendar."""
    return now.astimezone(ZoneInfo(label.time_zone)).date()


def _rates(where: Iterable[str], on: date, own: tuple[Rate, ...]) -> Iterator[RateRow]:
    for country in sorted(where, key=countries.name):
        standard, reduced = (_shown(in_force(country, kind, on, own), kind) for kind in VatKind)
        if standard or reduced:
            yield RateRow(countries.name(country), standard, reduced)


def _shown(rate: Rate | None, kind: VatKind) -> RateShown | None:
    if rate is None or rate.kind is not kind:
        return None
    return RateShown(percent(rate.basis_points), rate.since, rate.source, rate.own)

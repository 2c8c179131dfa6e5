"""The desk: what needs a person, what is on sale now, what comes next, what was done lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.drops.doors import Door, DoorState
from app.drops.models import Drop
from app.inventory import counts
from app.inventory.counts import Stock
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.reports import deeds
from app.reports.deeds import Entry
from app.reports.desk_needs import Needs, needs
from app.reports.drop_page import door_state, whole
from app.reports.setup_steps import Step, steps
from app.reports.shop_front import NOW, is_coming
from app.reports.stripe_away import Away, away

_RECENT = timedelta(days=60)


@dataclass(frozen=True)
class DropRow:
    """A drop with where its copies are; `sold` counts allocated and shipped ones, `shipped` the latter.

    `catalogue_number` and `artist` are those of every release that it sells.
    """

    id: int
    slug: str
    title: str
    state: DoorState
    zone: str
    opens_at: datetime
    closes_at: datetime | None
    catalogue_number: str
    artist: str
    release: str
    free: int
    held: int
    sold: int
    shipped: int
    made: int


@dataclass(frozen=True)
class DeskHome:
    """The desk's first page; `steps` says of each step of setting up whether it is done, `away` whether Stripe answers."""

    needs: Needs
    away: Away | None
    zone: str
    now: tuple[DropRow, ...]
    next: tuple[DropRow, ...]
    deeds: tuple[Entry, ...]
    steps: tuple[tuple[Step, bool], ...]

    @property
    def first(self) -> bool:
        """Is there no drop yet, so that the whole way to it is shown?"""
        return not dict(self.steps)[Step.DROP]

    @property
    def open_steps(self) -> tuple[tuple[Step, bool], ...]:
        """The whole way before the first drop, later only what is missing."""
        return self.steps if self.first else tuple((step, done) for step, done in self.steps if not done)


def desk_home(session: Session, label_ids: Sequence[int], now: datetime, managing: Sequence[int]) -> DeskHome:
    """The desk of these labels at this moment, for somebody who manages those in `managing` and packs for the others."""
    rows = _drops(session, label_ids, now)
    zone = session.scalar(select(Label.time_zone).where(Label.id.in_(label_ids)).order_by(Label.id).limit(1)) or "UTC"
    return DeskHome(
        needs=needs(session, label_ids, now, managing),
        away=away(session, label_ids),
        zone=zone,
        now=tuple(row for row in rows if row.state in NOW and not is_coming(row.state, row.opens_at, now)),
        next=tuple(sorted((row for row in rows if is_coming(row.state, row.opens_at, now)), key=lambda row: row.opens_at)),
        deeds=tuple(deeds.recent(session, label_ids, zone, managing)),
        steps=steps(session, label_ids),
    )


def _drops(session: Session, label_ids: Sequence[int], now: datetime) -> list[DropRow]:
    """Published drops that are not long over."""
    ends = or_(Drop.closes_at.is_(None), Drop.closes_at > now), Drop.closed_at.is_(None)
    wanted = select(Drop).where(Drop.label_id.in_(label_ids), Drop.published_at.is_not(None), *ends, Drop.opens_at > now - _RECENT)
    drops = session.scalars(wanted.order_by(Drop.opens_at.desc()).limit(20).options(*whole())).all()
    run_ids = sorted({entry.run_id for drop in drops for entry in drop.entries})
    stock = counts.stock(session, run_ids)
    sent = select(Copy.run_id, func.count()).where(Copy.run_id.in_(run_ids), Copy.state == CopyState.SHIPPED).group_by(Copy.run_id)
    shipped = dict(session.execute(sent).all())
    return [drop_row(drop, now, stock, shipped) for drop in drops if drop.entries]


def drop_row(drop: Drop, now: datetime, stock: dict[int, Stock], shipped: dict[int, int]) -> DropRow:
    """One drop, given the stock of its runs and how many of each were shipped."""
    mine = [stock[entry.run_id] for entry in drop.entries]
    releases = list(dict.fromkeys(entry.run.release for entry in drop.entries))
    return DropRow(
        id=drop.id,
        slug=drop.slug,
        title=drop.title,
        state=door_state(drop, now, stock),
        zone=drop.label.time_zone,
        opens_at=drop.opens_at,
        closes_at=Door.of(drop).closes_at,
        catalogue_number=" · ".join(release.catalogue_number for release in releases),
        artist=", ".join(dict.fromkeys(release.artist.name for release in releases)),
        release=drop.title,
        free=sum(each.available for each in mine),
        held=sum(each.held for each in mine),
        sold=sum(each.sold for each in mine),
        shipped=sum(shipped.get(entry.run_id, 0) for entry in drop.entries),
        made=sum(each.made for each in mine),
    )

"""The drop page: everything it says in any of its states, as one value; the same for everybody who looks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.catalogue.models import Release, Run, Track
from app.drops import doors
from app.drops.doors import Door, DoorState
from app.drops.models import Drop, DropRun
from app.fulfilment import postage
from app.inventory import counts
from app.inventory.counts import Stock
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.reports import sleeves
from app.reports.endings import Ending, next_ending, sold_out_at
from app.reports.sleeves import Imprint, Listened, Pressing, Sleeve

MOST_IN_A_LIST = 10  # of one run, where nothing limits a fan

# Staff look at a state before it comes: at which moment, and what would have become of the copies by then.
_REHEARSED = {
    DoorState.ANNOUNCED: (timedelta(days=-2), "a"),
    DoorState.ABOUT_TO_OPEN: (timedelta(minutes=-4), "a"),
    DoorState.OPEN: (timedelta(minutes=1), "a"),
    DoorState.ALL_HELD: (timedelta(minutes=2), "h"),
    DoorState.PAUSED: (timedelta(minutes=3), "a"),
    DoorState.SOLD_OUT: (timedelta(minutes=41), "s"),
    DoorState.CLOSED: (timedelta(days=2), "a"),
}


@dataclass(frozen=True)
class Offer:
    """A run on the drop page, and how many of it one fan may ask for at once."""

    pressing: Pressing
    most: int


@dataclass(frozen=True)
class Liner:
    """What a release sold here has inside: tracks and notes."""

    sleeve: Sleeve
    notes: str
    tracks: tuple[Listened, ...]


@dataclass(frozen=True)
class DropPage:
    """A drop at a moment. `closes_at` is the earlier of the planned and the early closing; `ending` is set when all are held."""

    slug: str
    title: str
    words: str
    state: DoorState
    now: datetime
    opens_at: datetime
    closes_at: datetime | None
    hold_minutes: int
    limit: int | None
    paused_at: datetime | None
    pause_reason: str
    label: Imprint
    offers: tuple[Offer, ...]
    liners: tuple[Liner, ...]
    postage_from: Money | None
    ending: Ending | None
    sold_out_at: datetime | None
    preview: bool = False

    @property
    def made(self) -> int:
        """How many copies of all runs there are."""
        return sum(offer.pressing.edition for offer in self.offers)

    @property
    def available(self) -> int:
        """How many copies of all runs are free."""
        return sum(offer.pressing.stock.available for offer in self.offers)

    @property
    def sold(self) -> int:
        """How many copies of all runs are sold."""
        return sum(offer.pressing.stock.sold for offer in self.offers)

    @property
    def sole(self) -> Liner | None:
        """The one release that is sold here; None when there are several."""
        return self.liners[0] if len(self.liners) == 1 else None


def published(session: Session, slug: str) -> Drop:
    """The drop the public may see at this address, with all that its page needs; NotFound for a draft."""
    drop = session.scalar(select(Drop).where(Drop.slug == slug, Drop.published_at.is_not(None)).options(*whole()))
    if drop is None:
        raise NotFound("There is no drop at this address. Perhaps the link was cut off.")
    return drop


def whole() -> tuple[ORMOption, ...]:
    """What to load with a drop for its page."""
    release = selectinload(Drop.entries).joinedload(DropRun.run).joinedload(Run.release)
    return (
        joinedload(Drop.label),
        release.joinedload(Release.artist),
        release.joinedload(Release.artwork),
        release.joinedload(Release.label),
        release.selectinload(Release.tracks).joinedload(Track.preview),
    )


def drop_page(session: Session, drop: Drop, now: datetime, rehearse: DoorState | None = None) -> DropPage:
    """The page of a drop now, or as it will look in the state `rehearse`, with copies and times made up to fit."""
    runs = [entry.run for entry in drop.entries]
    stock = counts.stock(session, [run.id for run in runs])
    label = sleeves.imprint(drop.label, alone=sleeves.is_alone(session))
    zones = postage.zones(session, drop.label_id)
    lightest = min((run.weight for run in runs), default=0) + drop.label.packaging_weight
    state = door_state(drop, now, stock)
    page = DropPage(
        slug=drop.slug,
        title=drop.title,
        words=drop.words,
        state=state,
        now=now,
        opens_at=drop.opens_at,
        closes_at=Door.of(drop).closes_at,
        hold_minutes=drop.hold_minutes,
        limit=drop.limit_per_fan,
        paused_at=drop.paused_at,
        pause_reason=drop.pause_reason,
        label=label,
        offers=tuple(_offer(drop, run, stock[run.id]) for run in runs),
        liners=_liners(runs),
        postage_from=postage.cheapest(zones, lightest, drop.label.currency),
        ending=next_ending(session, list(stock), now) if state is DoorState.ALL_HELD else None,
        sold_out_at=sold_out_at(session, list(stock)) if state is DoorState.SOLD_OUT else None,
    )
    return _rehearsed(page, rehearse) if rehearse else page


def door_state(drop: Drop, now: datetime, stock: dict[int, Stock]) -> DoorState:
    """The state of a drop, given the stock of (at least) its runs."""
    mine = [stock[entry.run_id] for entry in drop.entries]
    free, held = sum(each.available for each in mine), sum(each.held for each in mine)
    return doors.state(Door.of(drop), now, available=free, held=held)


def _offer(drop: Drop, run: Run, stock: Stock) -> Offer:
    limits = [limit for limit in (run.limit_per_fan, drop.limit_per_fan) if limit is not None]
    return Offer(sleeves.pressing(run, stock), max(1, min([*limits, stock.made or run.edition_size, MOST_IN_A_LIST])))


def _liners(runs: list[Run]) -> tuple[Liner, ...]:
    releases = {run.release_id: run.release for run in runs}.values()
    return tuple(Liner(sleeves.sleeve(each), each.notes, sleeves.listened(each.tracks)) for each in releases)


def _rehearsed(page: DropPage, state: DoorState) -> DropPage:
    since, letter = _REHEARSED.get(state, (timedelta(0), "a"))
    now = page.opens_at + since
    closes = min(filter(None, (page.closes_at, now))) if state is DoorState.CLOSED else page.closes_at
    offers = tuple(
        replace(offer, pressing=replace(offer.pressing, stock=Stock(offer.pressing.stock.run_id, letter * offer.pressing.edition)))
        for offer in page.offers
    )
    return replace(
        page,
        state=state,
        now=now,
        closes_at=closes,
        offers=offers,
        paused_at=page.paused_at or now,
        pause_reason=page.pause_reason or "The reason you give stands here.",
        ending=Ending(holds=9, minutes=4),
        sold_out_at=now,
        preview=True,
    )

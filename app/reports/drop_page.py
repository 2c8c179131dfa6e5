"""Reads a drop as its page shows it now; the same for everybody who looks."""

from datetime import datetime

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
from app.orders import vat
from app.reports import drop_rows, making_view, sleeves
from app.reports.drop_sheet import DropPage, Liner, Offer
from app.reports.endings import next_ending, sold_out_at
from app.reports.making_view import MakingView
from app.reports.rehearsal import rehearsed

MOST_IN_A_LIST = 10  # of one run, where nothing limits a fan


def published(session: Session, slug: str) -> Drop:
    """The drop the public may see at this address, with all that its page needs; NotFound for a draft."""
    drop = drop_rows.published(session, slug)
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
    zones = postage.tariff(session, drop.label_id)
    lightest = min((run.weight for run in runs), default=0) + drop.label.packaging_weight
    state = door_state(drop, now, stock)
    makings = making_view.of_runs(session, [run.id for run in runs if run.preorder])
    page = DropPage(
        slug=drop.slug,
        title=drop.title,
        words=drop.words,
        state=state,
        now=now,
        opens_at=drop.opens_at,
        closes_at=Door.of(drop).closes_at,
        stop_reason=Door.of(drop).stop_reason,
        again_reason=Door.of(drop).again_reason,
        hold_minutes=drop.hold_minutes,
        limit=drop.limit_per_fan,
        paused_at=drop.paused_at,
        pause_reason=drop.pause_reason,
        label=label,
        offers=tuple(_offer(drop, run, stock[run.id], makings.get(run.id)) for run in runs),
        liners=_liners(runs),
        postage_from=postage.cheapest(zones, lightest, drop.label.currency),
        ending=next_ending(session, list(stock), now) if state is DoorState.ALL_HELD else None,
        sold_out_at=sold_out_at(session, list(stock)) if state is DoorState.SOLD_OUT else None,
        vat_on_top=vat.adds(session, drop.label_id),
    )
    return rehearsed(page, rehearse) if rehearse else page


def door_state(drop: Drop, now: datetime, stock: dict[int, Stock]) -> DoorState:
    """The state of a drop, given the stock of (at least) its runs."""
    mine = [stock[entry.run_id] for entry in drop.entries]
    free, held = sum(each.available for each in mine), sum(each.held for each in mine)
    return doors.state(Door.of(drop), now, available=free, held=held)


def _offer(drop: Drop, run: Run, stock: Stock, making: MakingView | None) -> Offer:
    limits = [limit for limit in (run.limit_per_fan, drop.limit_per_fan) if limit is not None]
    strictest = min(limits, default=None)
    most = max(1, min([*limits, stock.made or run.edition_size, MOST_IN_A_LIST]))
    return Offer(sleeves.pressing(run, stock), most, strictest if strictest != drop.limit_per_fan else None, making)


def _liners(runs: list[Run]) -> tuple[Liner, ...]:
    releases = {run.release_id: run.release for run in runs}.values()
    return tuple(Liner(sleeves.sleeve(each), each.notes, sleeves.listened(each.tracks)) for each in releases)

"""The release page and the list of releases: what was made, what is left, and where it is sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.catalogue.models import Release, Run, Track
from app.catalogue.releases import NEWEST_FIRST
from app.drops.doors import Door, DoorState
from app.drops.models import Drop, DropRun
from app.inventory import counts
from app.kernel.errors import NotFound
from app.reports import making_view, sleeves
from app.reports.drop_page import door_state
from app.reports.making_view import MakingView
from app.reports.sleeves import Imprint, Listened, Pressing, Sleeve


@dataclass(frozen=True)
class SoldIn:
    """The drop that sells a run, sold it last, or will."""

    slug: str
    title: str
    state: DoorState
    opens_at: datetime
    closes_at: datetime | None


@dataclass(frozen=True)
class PressedRun:
    """A run of the release; `drop` is None while no published drop sells it, `making` for a pre-order."""

    pressing: Pressing
    drop: SoldIn | None
    making: MakingView | None = None


@dataclass(frozen=True)
class ReleasePage:
    """A release with all its runs."""

    sleeve: Sleeve
    label: Imprint
    notes: str
    released_on: date | None
    artist_story: str
    artist_link: str
    tracks: tuple[Listened, ...]
    runs: tuple[PressedRun, ...]


@dataclass(frozen=True)
class Shelved:
    """A release in the list: its spine, and its runs with what is left."""

    sleeve: Sleeve
    released_on: date | None
    pressings: tuple[Pressing, ...]


def release_page(session: Session, slug: str, now: datetime) -> ReleasePage:
    """The page of a published release; NotFound otherwise."""
    wanted = select(Release).where(Release.slug == slug, Release.published.is_(True))
    tracks = selectinload(Release.tracks).joinedload(Track.preview)
    release = session.scalar(wanted.options(tracks, *_spine()))
    if release is None:
        raise NotFound("There is no release at this address. Perhaps the link was cut off.")
    runs = session.scalars(select(Run).where(Run.release_id == release.id).order_by(Run.id)).all()
    return ReleasePage(
        sleeve=sleeves.sleeve(release),
        label=sleeves.imprint(release.label, alone=sleeves.is_alone(session)),
        notes=release.notes,
        released_on=release.released_on,
        artist_story=release.artist.story,
        artist_link=release.artist.link if release.artist.link.startswith(("https://", "http://")) else "",
        tracks=sleeves.listened(release.tracks),
        runs=_pressed(session, runs, now),
    )


def shelf(session: Session) -> tuple[Shelved, ...]:
    """All published releases, the newest first, with their runs."""
    newest = select(Release).where(Release.published.is_(True)).order_by(*NEWEST_FIRST)
    releases = session.scalars(newest.options(*_spine())).all()
    runs = session.scalars(select(Run).where(Run.release_id.in_([each.id for each in releases])).order_by(Run.id)).all()
    stock = counts.stock(session, [run.id for run in runs])
    return tuple(
        Shelved(
            sleeves.sleeve(each),
            each.released_on,
            tuple(sleeves.pressing(run, stock[run.id]) for run in runs if run.release_id == each.id),
        )
        for each in releases
    )


def _spine() -> tuple[ORMOption, ...]:
    return joinedload(Release.artist), joinedload(Release.artwork), joinedload(Release.label)


def _pressed(session: Session, runs: Sequence[Run], now: datetime) -> tuple[PressedRun, ...]:
    drops = session.scalars(
        select(Drop)
        .where(Drop.published_at.is_not(None), Drop.entries.any(DropRun.run_id.in_([run.id for run in runs])))
        .options(selectinload(Drop.entries))
        .order_by(Drop.opens_at, Drop.id)
    ).all()
    stock = counts.stock(session, sorted({run.id for run in runs} | {e.run_id for drop in drops for e in drop.entries}))
    makings = making_view.of_runs(session, [run.id for run in runs if run.preorder])
    sold = [(drop, door_state(drop, now, stock)) for drop in drops]
    return tuple(PressedRun(sleeves.pressing(run, stock[run.id]), _sold_in(run.id, sold), makings.get(run.id)) for run in runs)


def _sold_in(run_id: int, drops: Sequence[tuple[Drop, DoorState]]) -> SoldIn | None:
    """The drop that is open, else the next to open, else the last one."""
    mine = [(drop, state) for drop, state in drops if any(entry.run_id == run_id for entry in drop.entries)]
    if not mine:
        return None
    over = {DoorState.CLOSED, DoorState.SOLD_OUT}
    drop, state = next(((d, s) for d, s in mine if s not in over), mine[-1])
    return SoldIn(drop.slug, drop.title, state, drop.opens_at, Door.of(drop).closes_at)

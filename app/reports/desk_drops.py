"""Drops for the desk: the list, and one drop with its stage, what is still missing and what staff should know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label, Release, Run
from app.catalogue.releases import NEWEST_FIRST
from app.drops import changes, last_hour, selling, stopping
from app.drops.doors import Door, DoorState
from app.drops.models import Drop
from app.drops.stages import EDITABLE, Stage, stage
from app.inventory import counts
from app.kernel.errors import NotFound
from app.kernel.local_time import fold, offset, typed
from app.reports.change_desk import ChangeDesk, change_desk
from app.reports.deeds import Entry, of_entity
from app.reports.desk_drop_list import state_of

EVERYTHING = EDITABLE[Stage.DRAFT]  # what the form of a new drop asks for


@dataclass(frozen=True)
class Offered:
    """A run that the drop sells, or could sell."""

    id: int
    catalogue_number: str
    artist: str
    title: str
    format: str
    price: int
    currency: str
    copies: str
    edition_size: int
    first_number: int
    pressed: bool
    published: bool
    chosen: bool = False


@dataclass(frozen=True)
class DropDesk:
    """One drop. `editable` are the rules its stage lets change.

    `ready` says (sentence, is it so?) of all that publishing insists on, `at_once` whether its doors would open with that click.
    """

    id: int
    label_id: int
    title: str
    slug: str
    words: str
    state: DoorState
    stage: Stage
    editable: frozenset[str]
    opens_at: datetime
    opens_offset: str
    closes_at: datetime | None
    stopped: bool
    stop_reason: str
    again_reason: str
    may_reopen: bool
    last_hour: bool
    change: ChangeDesk | None
    paused: bool
    pause_reason: str
    limit_per_fan: int | None
    hold_minutes: int
    network_holds: int
    network_share: int
    zone: str
    runs: list[Offered]
    shared: list[tuple[str, str]]
    ready: list[tuple[str, bool]]
    at_once: bool
    values: dict[str, str | int]
    history: list[Entry]


def desk(session: Session, drop_id: int, staff_id: int, now: datetime) -> DropDesk:
    """One drop's page for this person; NotFound."""
    drop = session.get(Drop, drop_id)
    if drop is None:
        raise NotFound("There is no such drop.")
    at, zone = stage(Door.of(drop), now), drop.label.time_zone
    runs = _offered(session, [entry.run for entry in drop.entries])
    same = ("title", "slug", "words", "opens_at", "limit_per_fan", "hold_minutes", "network_holds", "network_share", "pause_reason")
    return DropDesk(
        id=drop.id,
        label_id=drop.label_id,
        state=state_of(drop, list(counts.stock(session, [run.id for run in runs]).values()), now),
        stage=at,
        editable=EDITABLE[at],
        opens_offset=offset(drop.opens_at, zone),
        closes_at=Door.of(drop).closes_at,
        stopped=drop.closed_at is not None,
        stop_reason=Door.of(drop).stop_reason,
        again_reason=Door.of(drop).again_reason,
        may_reopen=stopping.may_reopen(drop, now),
        last_hour=last_hour.has_begun(Door.of(drop), now),
        change=change_desk(session, change, staff_id, now) if (change := changes.waiting(session, drop_id, now)) else None,
        paused=drop.paused_at is not None,
        zone=zone,
        runs=runs,
        shared=selling.shared_with(session, drop),
        ready=_ready(drop, now),
        at_once=drop.opens_at <= now,
        values=_values(drop, zone),
        history=of_entity(session, "drop", drop_id, zone)[::-1],
        **{name: getattr(drop, name) for name in same},
    )


def choices(session: Session, label_id: int, chosen: Sequence[int] = ()) -> list[Offered]:
    """Every run of a label that a drop could sell: those chosen first, in their sequence."""
    runs = session.scalars(
        select(Run).join(Release, Release.id == Run.release_id).where(Release.label_id == label_id)
        .order_by(*NEWEST_FIRST, Run.id)
    ).all()  # fmt: skip
    return sorted(
        _offered(session, runs, chosen), key=lambda run: chosen.index(run.id) if run.id in chosen else len(chosen)
    )  # fmt: skip


def zone_of(session: Session, label_id: int) -> str:
    """The time zone of a label; NotFound."""
    zone = session.scalar(select(Label.time_zone).where(Label.id == label_id))
    if zone is None:
        raise NotFound("There is no such label.")
    return zone


def _offered(session: Session, runs: Sequence[Run], chosen: Sequence[int] = ()) -> list[Offered]:
    stock = counts.stock(session, [run.id for run in runs])
    return [
        Offered(
            id=run.id,
            catalogue_number=run.release.catalogue_number,
            artist=run.release.artist.name,
            title=run.title,
            format=run.format,
            price=run.price,
            currency=run.release.label.currency,
            copies=stock[run.id].copies,
            edition_size=run.edition_size,
            first_number=run.first_number,
            pressed=run.pressed_at is not None,
            published=run.release.published,
            chosen=run.id in chosen,
        )
        for run in runs
    ]


def _ready(drop: Drop, now: datetime) -> list[tuple[str, bool]]:
    runs = [entry.run for entry in drop.entries]
    pressed = [run for run in runs if run.pressed_at is not None]
    shown = [run for run in runs if run.release.published]
    return [
        ("It sells at least one run", bool(runs)),
        ("Every run is pressed", bool(runs) and len(pressed) == len(runs)),
        ("Every release is published", bool(runs) and len(shown) == len(runs)),
        ("It does not close in the past", drop.closes_at is None or drop.closes_at > now),
    ]


def _values(drop: Drop, zone: str) -> dict[str, str | int]:
    plain = ("title", "slug", "words", "hold_minutes", "network_holds", "network_share")
    values: dict[str, str | int] = {name: getattr(drop, name) for name in plain}
    return {
        **values,
        "limit_per_fan": drop.limit_per_fan or "",
        "opens_at": typed(drop.opens_at, zone),
        "opens_at_which": fold(drop.opens_at, zone),
        "closes_at": typed(drop.closes_at, zone),
        "closes_at_which": fold(drop.closes_at, zone),
    }

"""One run for the desk: what it is, whether it is pressed, which drops sell it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.drops.doors import Door
from app.drops.models import Drop, DropRun
from app.drops.selling import opening_soon, price_lock
from app.drops.stages import stage
from app.inventory import counts
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.reports import making_view
from app.reports.deeds import Entry, of_entity
from app.reports.making_view import MakingView


@dataclass(frozen=True)
class RunDesk:
    """A run; `copies` has a letter per copy, `drops` are (id, title, stage), `price_lock` says why the price stays.

    `reserve` counts the copies without a number that may stand for damaged ones.
    `making` is how far it has come, for a pre-order; `opens_soon` is the title of a drop that sells it and opens within the hour.
    """

    id: int
    label_id: int
    release_id: int
    catalogue_number: str
    artist: str
    release_title: str
    release_published: bool
    title: str
    slug: str
    format: str
    edition_size: int
    first_number: int
    last_number: int
    price: int
    currency: str
    weight: int
    hs_code: str
    origin: str
    limit_per_fan: int | None
    body_colour: str
    label_colour: str
    pressed_at: datetime | None
    zone: str
    artwork: str
    copies: str
    reserve: int
    values: dict[str, str | int]
    drops: list[tuple[int, str, str]]
    price_lock: str
    opens_soon: str
    history: list[Entry]
    making: MakingView | None


def desk(session: Session, run_id: int, now: datetime) -> RunDesk:
    """One run's page; NotFound."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound("There is no such run.")
    release, label = run.release, run.release.label
    same = ("title", "slug", "format", "edition_size", "first_number", "last_number", "price", "weight", "hs_code", "origin")
    return RunDesk(
        id=run.id,
        label_id=label.id,
        release_id=release.id,
        catalogue_number=release.catalogue_number,
        artist=release.artist.name,
        release_title=release.title,
        release_published=release.published,
        currency=label.currency,
        limit_per_fan=run.limit_per_fan,
        body_colour=run.body_colour,
        label_colour=run.label_colour,
        pressed_at=run.pressed_at,
        zone=label.time_zone,
        artwork=release.artwork.file if release.artwork else "",
        copies=counts.stock(session, [run_id])[run_id].copies,
        reserve=counts.reserve(session, run_id),
        values=_values(run, label.currency),
        drops=_drops(session, run_id, now),
        price_lock=price_lock(session, run_id, now),
        opens_soon=soon.title if (soon := opening_soon(session, run_id, now)) else "",
        history=of_entity(session, "run", run_id, label.time_zone)[::-1],
        making=making_view.of_runs(session, [run_id] if run.preorder else []).get(run_id),
        **{name: getattr(run, name) for name in same},
    )


def _values(run: Run, currency: str) -> dict[str, str | int]:
    plain = (
        "title",
        "slug",
        "format",
        "edition_size",
        "first_number",
        "weight",
        "hs_code",
        "origin",
        "body_colour",
        "label_colour",
    )
    values: dict[str, str | int] = {name: getattr(run, name) for name in plain}
    return {**values, "price": str(Money(run.price, currency).decimal), "limit_per_fan": run.limit_per_fan or ""}


def _drops(session: Session, run_id: int, now: datetime) -> list[tuple[int, str, str]]:
    found = session.scalars(
        select(Drop).join(DropRun, DropRun.drop_id == Drop.id).where(DropRun.run_id == run_id).order_by(Drop.opens_at.desc())
    )
    return [(drop.id, drop.title, stage(Door.of(drop), now)) for drop in found]

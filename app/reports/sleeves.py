"""How a label, a release and a run present themselves: the small values that every public page is made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue import media
from app.catalogue.logos import LabelLogo
from app.catalogue.models import Label, Media, Release, Run, Track
from app.inventory.counts import Stock
from app.kernel.money import Money
from app.kernel.ready import Ready, named
from app.kernel.schema import table

TEXTS = ("imprint", "terms", "privacy", "withdrawal")


@dataclass(frozen=True)
class Imprint:
    """A label as its pages show it; `texts` names those of the four legal texts that it has written."""

    slug: str
    name: str
    tagline: str
    story: str
    zone: str
    currency: str
    ink_loud: str
    ink_quiet: str
    texts: tuple[str, ...]
    alone: bool


@dataclass(frozen=True)
class Picture:
    """An artwork: file names below /media, and the pixels of the larger one."""

    file: str
    small: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Sleeve:
    """A release as one line: what stands on its spine, and its picture."""

    slug: str
    catalogue_number: str
    title: str
    artist: str
    picture: Picture | None
    published: bool


@dataclass(frozen=True)
class Listened:
    """One track; `preview_url` is the path of a sound."""

    position: str
    title: str
    seconds: int | None
    preview_url: str | None
    preview_type: str | None


@dataclass(frozen=True)
class Pressing:
    """A run as an object with a price, and where its copies are; `limit` is what one fan may have of it."""

    slug: str
    title: str
    format: str
    body_colour: str
    label_colour: str
    price: Money
    edition: int
    first: int
    limit: int | None
    stock: Stock
    sleeve: Sleeve

    @property
    def last(self) -> int:
        """The highest number of the run."""
        return self.first + self.edition - 1

    @property
    def gone(self) -> bool:
        """Neither free nor held: nothing of it can come back by itself."""
        return not self.stock.available and not self.stock.held


def imprint(label: Label, *, alone: bool) -> Imprint:
    """A label's public face; `alone` when the shop has no other label."""
    written = tuple(name for name in TEXTS if getattr(label, name).strip())
    return Imprint(
        slug=label.slug,
        name=label.name,
        tagline=label.tagline,
        story=label.story,
        zone=label.time_zone,
        currency=label.currency,
        ink_loud=label.ink_loud,
        ink_quiet=label.ink_quiet,
        texts=written,
        alone=alone,
    )


_COLUMNS = table(Label).c.keys()
_BY_NAME = Ready(select(table(Label)).order_by(table(Label).c.name))
_LABELS = Ready(select(func.count()).select_from(table(Label)))


def imprints(session: Session) -> tuple[Imprint, ...]:
    """All labels of the shop, by name."""
    found = [named(_COLUMNS, row) for row in _BY_NAME.rows(session)]
    return tuple(imprint(cast("Label", label), alone=len(found) == 1) for label in found)


def logo(session: Session) -> Picture | None:
    """The logo of the shop's only label; None where it has none, or where there are several labels."""
    if not is_alone(session):
        return None
    found = session.execute(
        select(Media, Label.name).join(LabelLogo, LabelLogo.media_id == Media.id).join(Label, Label.id == LabelLogo.label_id)
    ).one_or_none()
    return _picture(found[0], found[1]) if found else None


def is_alone(session: Session) -> bool:
    """Has the shop one label only?"""
    return _LABELS.rows(session) == [(1,)]


def sleeve(release: Release) -> Sleeve:
    """A release's spine and picture."""
    return Sleeve(
        release.slug,
        release.catalogue_number,
        release.title,
        release.artist.name,
        _picture(release.artwork, release.artwork_alt or release.title),
        release.published,
    )


def pressing(run: Run, stock: Stock) -> Pressing:
    """A run with its copies; one that was not pressed yet shows its planned edition."""
    return Pressing(
        slug=run.slug,
        title=run.title,
        format=run.format.value,
        body_colour=run.body_colour,
        label_colour=run.label_colour,
        price=Money(run.price, run.release.label.currency),
        edition=stock.made or run.edition_size,
        first=run.first_number,
        limit=run.limit_per_fan,
        stock=stock,
        sleeve=sleeve(run.release),
    )


def listened(tracks: Sequence[Track]) -> tuple[Listened, ...]:
    """Tracks with their previews; with sides they count anew on each: A1, A2, B1."""
    counted: Counter[str] = Counter()
    found = []
    for track in tracks:
        counted[track.side] += 1
        at = f"{track.side}{counted[track.side]}"
        found.append(Listened(at, track.title, track.seconds, *_sound(track.preview)))
    return tuple(found)


def _sound(row: Media | None) -> tuple[str | None, str | None]:
    return (f"/media/{row.file}", row.content_type) if row else (None, None)


def _picture(row: Media | None, alt: str) -> Picture | None:
    if row is None:
        return None
    return Picture(row.file, media.small(row.file), row.width or 1600, row.height or 1600, alt)

"""Releases for the desk: the list, and one release with its tracks, runs and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.catalogue.models import Media, Release, Track
from app.catalogue.releases import NEWEST_FIRST
from app.kernel.errors import NotFound
from app.reports.deeds import Entry, of_entity
from app.reports.desk_run_rows import RunRow, runs_of
from app.reports.sleeves import Listened, listened


@dataclass(frozen=True)
class ReleaseRow:
    """A release in the list."""

    id: int
    catalogue_number: str
    artist: str
    title: str
    released_on: date | None
    published: bool
    has_artwork: bool
    tracks: int
    runs: list[RunRow]


@dataclass(frozen=True)
class TrackRow:
    """A track in the editor; `preview` is the file's name, empty for none."""

    id: int
    side: str
    title: str
    seconds: int | None
    preview: str
    preview_type: str


@dataclass(frozen=True)
class Artwork:
    """The picture on the cover, and what it shows in words."""

    file: str
    alt: str
    width: int
    height: int
    size: int


@dataclass(frozen=True)
class ReleaseDesk:
    """One release: who it is, its form's values, and everything that hangs on it.

    `listened` are its tracks as the shop lists them.
    """

    id: int
    label_id: int
    slug: str
    catalogue_number: str
    artist_id: int
    artist: str
    title: str
    published: bool
    zone: str
    currency: str
    artwork: Artwork | None
    values: dict[str, str | int]
    tracks: list[TrackRow]
    listened: tuple[Listened, ...]
    runs: list[RunRow]
    history: list[Entry]


def rows(session: Session, label_ids: Sequence[int]) -> list[ReleaseRow]:
    """Releases of these labels, the newest first as in the shop, each with its runs."""
    releases = session.scalars(
        select(Release)
        .where(Release.label_id.in_(label_ids))
        .order_by(*NEWEST_FIRST)
        .options(joinedload(Release.artist), joinedload(Release.label), selectinload(Release.tracks))
    ).all()
    runs = runs_of(session, [release.id for release in releases])
    return [
        ReleaseRow(
            release.id,
            release.catalogue_number,
            release.artist.name,
            release.title,
            release.released_on,
            release.published,
            release.artwork_id is not None,
            len(release.tracks),
            runs[release.id],
        )
        for release in releases
    ]


def desk(session: Session, release_id: int) -> ReleaseDesk:
    """One release's page; NotFound."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound("There is no such release.")
    return ReleaseDesk(
        id=release.id,
        label_id=release.label_id,
        slug=release.slug,
        catalogue_number=release.catalogue_number,
        artist_id=release.artist_id,
        artist=release.artist.name,
        title=release.title,
        published=release.published,
        zone=release.label.time_zone,
        currency=release.label.currency,
        artwork=_artwork(release.artwork, release.artwork_alt),
        values=_values(release),
        tracks=[_track(track) for track in release.tracks],
        listened=listened(release.tracks),
        runs=runs_of(session, [release.id])[release.id],
        history=of_entity(session, "release", release_id, release.label.time_zone)[::-1],
    )


def track_release(session: Session, track_id: int) -> int:
    """The release that a track belongs to; NotFound."""
    found = session.scalar(select(Track.release_id).where(Track.id == track_id))
    if found is None:
        raise NotFound("There is no such track.")
    return found


def _values(release: Release) -> dict[str, str | int]:
    return {
        "artist": release.artist_id,
        "catalogue_number": release.catalogue_number,
        "title": release.title,
        "slug": release.slug,
        "notes": release.notes,
        "released_on": release.released_on.isoformat() if release.released_on else "",
    }


def _artwork(picture: Media | None, alt: str) -> Artwork | None:
    return Artwork(picture.file, alt, picture.width or 0, picture.height or 0, picture.size) if picture else None


def _track(track: Track) -> TrackRow:
    preview = track.preview
    return TrackRow(
        track.id,
        track.side,
        track.title,
        track.seconds,
        preview.file if preview else "",
        preview.content_type if preview else "",
    )

"""Artists for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Label, Release
from app.kernel.errors import NotFound
from app.reports.deeds import Entry, of_entity


@dataclass(frozen=True)
class ArtistRow:
    """An artist in the list, with how many releases."""

    id: int
    label_id: int
    name: str
    slug: str
    releases: int


@dataclass(frozen=True)
class ArtistDesk:
    """One artist: form values, the releases as (id, catalogue number, title), history."""

    id: int
    label_id: int
    name: str
    values: dict[str, str]
    releases: list[tuple[int, str, str]]
    history: list[Entry]


def rows(session: Session, label_ids: Sequence[int]) -> list[ArtistRow]:
    """Artists of these labels by name."""
    many = select(func.count()).where(Release.artist_id == Artist.id).scalar_subquery()
    found = session.execute(select(Artist, many).where(Artist.label_id.in_(label_ids)).order_by(func.lower(Artist.name)))
    return [ArtistRow(artist.id, artist.label_id, artist.name, artist.slug, count) for artist, count in found]


def desk(session: Session, artist_id: int) -> ArtistDesk:
    """One artist's page; NotFound."""
    artist = session.get(Artist, artist_id)
    if artist is None:
        raise NotFound("There is no such artist.")
    zone = session.scalars(select(Label.time_zone).where(Label.id == artist.label_id)).one()
    releases = session.execute(
        select(Release.id, Release.catalogue_number, Release.title)
        .where(Release.artist_id == artist_id)
        .order_by(Release.catalogue_number)
    )
    return ArtistDesk(
        id=artist.id,
        label_id=artist.label_id,
        name=artist.name,
        values={name: getattr(artist, name) for name in ("name", "slug", "story", "link")},
        releases=[(id_, number, title) for id_, number, title in releases],
        history=of_entity(session, "artist", artist_id, zone)[::-1],
    )

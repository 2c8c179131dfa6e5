"""Making, editing and removing artists."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import slugs
from app.catalogue.models import Artist, Release
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, NotFound

TAKEN = {"slug": "Another artist of this label has this address already."}


@dataclass(frozen=True)
class ArtistWords:
    """What the artist's form holds, already trimmed; an empty slug is made from the name, `story` is Markdown."""

    name: str
    slug: str
    story: str
    link: str


def create(session: Session, label_id: int, words: ArtistWords) -> Artist:
    """A new artist of a label. BadInput when the address is taken or the link is none."""
    _check(words)
    slug = words.slug or slugs.free(slugs.made_from(words.name), lambda s: _taken(session, label_id, s))
    artist = Artist(label_id=label_id, slug=slug, name=words.name, story=words.story, link=words.link)
    with refusing(session, TAKEN):
        session.add(artist)
    return artist


def edit(session: Session, artist_id: int, words: ArtistWords) -> Artist:
    """Change an artist; an empty slug leaves it as it is. BadInput as above, NotFound."""
    _check(words)
    artist = found(session, artist_id)
    with refusing(session, TAKEN):
        artist.name, artist.story, artist.link = words.name, words.story, words.link
        artist.slug = words.slug or artist.slug
    return artist


def remove(session: Session, artist_id: int) -> None:
    """Remove an artist nobody released anything of. Conflict when there is a release."""
    artist = found(session, artist_id)
    if session.scalar(select(Release.id).where(Release.artist_id == artist_id).limit(1)) is not None:
        raise Conflict("This artist has releases here, so they stay. Remove the releases first.")
    session.delete(artist)
    session.flush()


def found(session: Session, artist_id: int) -> Artist:
    """The artist; NotFound when there is none."""
    artist = session.get(Artist, artist_id)
    if artist is None:
        raise NotFound("There is no such artist.")
    return artist


def _check(words: ArtistWords) -> None:
    if words.slug:
        slugs.checked(words.slug)
    if words.link and not (words.link.startswith(("https://", "http://")) and " " not in words.link):
        raise BadInput("", {"link": "A whole address that begins with https://."})


def _taken(session: Session, label_id: int, slug: str) -> bool:
    return session.scalar(select(Artist.id).where(Artist.label_id == label_id, Artist.slug == slug)) is not None

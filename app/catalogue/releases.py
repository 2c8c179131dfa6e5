"""Making, editing, publishing and removing releases, and the picture on their cover."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import media, slugs
from app.catalogue.maker_models import MakerShare
from app.catalogue.models import Artist, Media, Release, ReleaseFile, Run
from app.kernel.clashes import refusing
from app.kernel.errors import BadInput, Conflict, NotFound

# How every list of releases is sorted: those without a day yet, then the last one out.
NEWEST_FIRST = (Release.released_on.desc().nulls_first(), Release.id.desc())


@dataclass(frozen=True)
class ReleaseWords:
    """What the release's form holds, already trimmed; an empty slug is made from the title, `notes` is Markdown."""

    artist_id: int
    catalogue_number: str
    title: str
    slug: str
    notes: str
    released_on: date | None


def create(session: Session, label_id: int, words: ReleaseWords, now: datetime) -> Release:
    """A new release that only the desk sees. BadInput when number or address are taken, or the artist is another label's."""
    _check(session, label_id, words)
    slug = words.slug or slugs.free(slugs.made_from(words.title), lambda s: _slug_taken(session, s))
    _check_taken(session, label_id, words.catalogue_number, slug, None)
    release = Release(
        label_id=label_id, artist_id=words.artist_id, slug=slug, catalogue_number=words.catalogue_number, title=words.title,
        notes=words.notes, released_on=words.released_on, created_at=now,
    )  # fmt: skip
    with refusing(session, {"catalogue_number": "Somebody took this number or address a moment ago. Look again."}):
        session.add(release)
    return release


def edit(session: Session, release_id: int, words: ReleaseWords) -> Release:
    """Change a release; once it is published its address stays. BadInput as above, Conflict, NotFound."""
    release = locked(session, release_id)
    _check(session, release.label_id, words)
    slug = words.slug or release.slug
    if slug != release.slug and release.published:
        raise Conflict("This release is published, and people may have shared its address. It stays as it is.")
    _check_taken(session, release.label_id, words.catalogue_number, slug, release_id)
    with refusing(session, {"catalogue_number": "Somebody took this number or address a moment ago. Look again."}):
        release.artist_id, release.catalogue_number, release.title = words.artist_id, words.catalogue_number, words.title
        release.slug, release.notes, release.released_on = slug, words.notes, words.released_on
    return release


def publish(session: Session, release_id: int, *, shown: bool) -> bool:
    """Show a release to everybody, or take it off the shop again; was anything changed?"""
    release = locked(session, release_id)
    changed, release.published = release.published != shown, shown
    session.flush()
    return changed


def show_artwork(session: Session, release_id: int, picture: Media | None, alt: str) -> str | None:
    """Put a stored picture on the cover (None: none) and say what it shows; the file to unlink once committed.

    BadInput when there is a picture that nobody says in words.
    """
    release = locked(session, release_id)
    if picture is not None and not alt:
        raise BadInput("", {"alt": "Say in a few words what the picture shows, for who cannot see it."})
    old, release.artwork, release.artwork_alt = release.artwork, picture, alt if picture else ""
    session.flush()
    return media.forget(session, old) if old is not None and old is not picture else None


def remove(session: Session, release_id: int) -> list[str]:
    """Remove a release that was never shown or pressed, with its tracks; the files to unlink once committed."""
    release = locked(session, release_id)
    if release.published or session.scalar(select(Run.id).where(Run.release_id == release_id).limit(1)) is not None:
        raise Conflict("This release is published or has runs, so it stays. Take it off the shop, and remove its runs first.")
    if session.scalar(select(ReleaseFile.id).where(ReleaseFile.release_id == release_id).limit(1)) is not None:
        raise Conflict("Files come with this release. Remove them first, so that nothing large goes by accident.")
    if session.scalar(select(MakerShare.id).where(MakerShare.release_id == release_id).limit(1)) is not None:
        raise Conflict("Somebody has a share in this release, so it stays.")
    stored = [row for row in (release.artwork, *(track.preview for track in release.tracks)) if row is not None]
    session.delete(release)
    session.flush()
    return [media.forget(session, row) for row in stored]


def locked(session: Session, release_id: int) -> Release:
    """The release, locked and read after locking; NotFound when there is none."""
    release = session.get(Release, release_id, with_for_update={"of": Release}, populate_existing=True)
    if release is None:
        raise NotFound("There is no such release.")
    return release


def _check(session: Session, label_id: int, words: ReleaseWords) -> None:
    artist = session.get(Artist, words.artist_id)
    if artist is None or artist.label_id != label_id:
        raise BadInput("", {"artist": "Choose one of the list."})
    if words.slug:
        slugs.checked(words.slug)


def _check_taken(session: Session, label_id: int, number: str, slug: str, mine: int | None) -> None:
    """Which of the two is taken, said in time; the unique constraints stand behind it."""
    wrong, others = {}, Release.id != (mine or 0)
    if session.scalar(select(Release.id).where(Release.label_id == label_id, Release.catalogue_number == number, others)):
        wrong["catalogue_number"] = "Another release of this label has this number."
    if session.scalar(select(Release.id).where(Release.slug == slug, others)):
        wrong["slug"] = "Another release has this address already."
    if wrong:
        raise BadInput("", wrong)


def _slug_taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Release.id).where(Release.slug == slug)) is not None

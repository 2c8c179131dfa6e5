"""The track list of a release, written as a whole; a track that stays keeps its preview."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.catalogue import media
from app.catalogue.models import Media, Track
from app.catalogue.releases import locked
from app.kernel.errors import BadInput, NotFound

MOST = 60
_LENGTH = re.compile(r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class TrackWords:
    """One row of the track form; `id` None for a new track, `seconds` None when the length is not said."""

    id: int | None
    side: str
    title: str
    seconds: int | None


def write(session: Session, release_id: int, rows: Sequence[TrackWords]) -> list[str]:
    """Make the track list these rows, in this sequence; the preview files to unlink once committed.

    BadInput when there are more than MOST, NotFound when a row names a track of another release.
    """
    if len(rows) > MOST:
        raise BadInput(f"A release has at most {MOST} tracks.")
    release = locked(session, release_id)
    known = {track.id: track for track in release.tracks}
    ids = [row.id for row in rows if row.id is not None]
    if len(set(ids)) < len(ids) or not known.keys() >= set(ids):
        raise NotFound("This track list was changed by somebody else meanwhile. Open it again.")
    gone = [track for id_, track in known.items() if id_ not in ids]
    stored = [track.preview for track in gone if track.preview is not None]
    _make_room(session, list(known.values()))
    release.tracks = [_track(known, row, at) for at, row in enumerate(rows, 1)]
    session.flush()
    return [media.forget(session, row) for row in stored]


def set_preview(session: Session, track_id: int, sound: Media | None) -> str | None:
    """Give a track its preview (None: none); the old file to unlink once committed."""
    track = session.get(Track, track_id, with_for_update={"of": Track}, populate_existing=True)
    if track is None:
        raise NotFound("There is no such track.")
    old, track.preview = track.preview, sound
    session.flush()
    return media.forget(session, old) if old is not None else None


def seconds(text: str) -> int | None:
    """The length somebody typed ("4:05", "1:02:30"); None for an empty one. ValueError when it is no length."""
    if not text:
        return None
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a length")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


def _make_room(session: Session, tracks: Sequence[Track]) -> None:
    """Move everything out of the way first: two tracks that change places would meet in the unique position."""
    for track in tracks:
        track.position += 1000
    session.flush()


def _track(known: dict[int, Track], row: TrackWords, position: int) -> Track:
    track = known[row.id] if row.id is not None else Track()
    track.position, track.side, track.title, track.seconds = position, row.side, row.title, row.seconds
    return track

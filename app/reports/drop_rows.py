"""The drop that a page shows, as plain rows: its page is made anew each second, and mapped objects would be most of that."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Label, Media, Release, Run, Track
from app.drops.models import Drop, DropRun
from app.kernel.ready import Ready, named
from app.kernel.schema import table
from app.kernel.several import Several

_DROP, _LABEL, _ENTRY, _RUN = table(Drop), table(Label), table(DropRun), table(Run)
_RELEASE, _ARTIST, _MEDIA, _TRACK = table(Release), table(Artist), table(Media), table(Track)

_PUBLISHED = Ready(
    select(_DROP, _LABEL)
    .join(_LABEL)
    .where(_DROP.c.slug == bindparam("slug", type_=_DROP.c.slug.type), _DROP.c.published_at.is_not(None))
)
_RUNS = Ready(
    select(_RUN, _RELEASE, _ARTIST, _MEDIA)
    .select_from(_ENTRY)
    .join(_RUN)
    .join(_RELEASE)
    .join(_ARTIST, _ARTIST.c.id == _RELEASE.c.artist_id)
    .outerjoin(_MEDIA, _MEDIA.c.id == _RELEASE.c.artwork_id)
    .where(_ENTRY.c.drop_id == bindparam("drop"))
    .order_by(_ENTRY.c.position)
)
_TRACKS = Several(
    lambda releases: (
        select(_TRACK, _MEDIA)
        .outerjoin(_MEDIA, _MEDIA.c.id == _TRACK.c.preview_id)
        .where(_TRACK.c.release_id.in_(releases))
        .order_by(_TRACK.c.position)
    )
)


def published(session: Session, slug: str) -> Drop | None:
    """What reads like the published drop with this slug, its label, runs, releases, artists, pictures and tracks."""
    found = _PUBLISHED.rows(session, slug=slug)
    if not found:
        return None
    drop, label = _parts(found[0], _DROP, _LABEL)
    drop.label, drop.entries = label, []
    releases: dict[int, Any] = {}
    for row in _RUNS.rows(session, drop=drop.id):
        run, release, artist, artwork = _parts(row, _RUN, _RELEASE, _ARTIST, _MEDIA)
        run.release = releases.setdefault(release.id, release)
        release.label, release.artist, release.artwork, release.tracks = label, artist, _there(artwork), []
        drop.entries.append(SimpleNamespace(run=run, run_id=run.id))
    for row in _TRACKS.rows(session, releases):
        track, preview = _parts(row, _TRACK, _MEDIA)
        track.preview = _there(preview)
        releases[track.release_id].tracks.append(track)
    return cast("Drop", drop)  # it has all the columns, and the relations that a page reads


def _parts(row: Sequence[Any], *tables: Table) -> list[Any]:
    """The rows of several tables that stand beside each other in one."""
    found, at = [], 0
    for each in tables:
        names = each.c.keys()
        found.append(named(names, row[at : at + len(names)]))
        at += len(names)
    return found


def _there(row: Any) -> Any:
    """A row that an outer join found, or nothing."""
    return None if row.id is None else row

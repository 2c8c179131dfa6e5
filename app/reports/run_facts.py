"""Runs with their release and artist, as plain values read with one statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select, or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Format, Release, Run
from app.kernel.schema import table
from app.kernel.several import Several


@dataclass(frozen=True)
class RunFacts:
    """A run; `release` is the slug of its release, `work` that one's title, `last` the highest number."""

    id: int
    release_id: int
    slug: str
    title: str
    format: Format
    body_colour: str
    label_colour: str
    first: int
    size: int
    release: str
    work: str
    catalogue_number: str
    artist: str
    preorder: bool

    @property
    def last(self) -> int:
        """The highest number of the run."""
        return self.first + self.size - 1


def with_siblings(session: Session, run_ids: Collection[int]) -> Sequence[RunFacts]:
    """These runs, and the other runs of their releases that have copies, by release and id."""
    return [RunFacts(*row) for row in _RUNS_AND_SIBLINGS.rows(session, set(run_ids))]


def _statement(run_ids: list[BindParameter[Any]]) -> Select[Any]:
    runs, releases, artists = table(Run).c, table(Release).c, table(Artist).c
    facts = ("id", "release_id", "slug", "title", "format", "body_colour", "label_colour", "first_number", "edition_size")
    wanted = runs.id.in_(run_ids)
    return (
        select(*(runs[name] for name in facts))
        .add_columns(releases.slug, releases.title, releases.catalogue_number, artists.name, runs.preorder)
        .join_from(table(Run), table(Release), releases.id == runs.release_id)
        .join(table(Artist), artists.id == releases.artist_id)
        .where(runs.release_id.in_(select(runs.release_id).where(wanted)), or_(runs.pressed_at.is_not(None), wanted))
        .order_by(runs.release_id, runs.id)
    )


_RUNS_AND_SIBLINGS = Several(_statement)

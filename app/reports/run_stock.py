"""A run copy by copy: strip, counts, and a table of who has which copy since when."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.inventory import counts
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.reports import run_names
from app.reports.copy_rows import CopyRow, copy_rows
from app.reports.copy_stickers import bundles

PAGE = 100


@dataclass(frozen=True)
class RunHead:
    """Which run this is; `name` is what it is called in a list."""

    run_id: int
    name: str
    slug: str
    label_id: int
    zone: str
    catalogue_number: str
    artist: str
    release: str
    run: str
    first: int
    last: int


@dataclass(frozen=True)
class RunStock:
    """A page of a run's copies; `page` counts from 1, `bundles` is in how many parts their codes are printed.

    `reserve` of the free copies have no number and are not for sale.
    """

    head: RunHead
    copies: str
    states: dict[CopyState, int]
    reserve: int
    rows: tuple[CopyRow, ...]
    page: int
    pages: int
    total: int
    bundles: int


def head_of(session: Session, run: Run) -> RunHead:
    """Which run this is, from its row."""
    release = run.release
    return RunHead(
        run_id=run.id,
        name=run_names.names(session, [run.id])[run.id],
        slug=run.slug,
        label_id=release.label_id,
        zone=release.label.time_zone,
        catalogue_number=release.catalogue_number,
        artist=release.artist.name,
        release=release.title,
        run=run.title,
        first=run.first_number,
        last=run.last_number,
    )


def run_stock(session: Session, run: Run, state: CopyState | None, page: int) -> RunStock:
    """One page of a run, in number order; a page beyond the last is the last."""
    per_state = select(Copy.state, func.count(), func.count(Copy.number)).where(Copy.run_id == run.id).group_by(Copy.state)
    many = {each: (every, numbered) for each, every, numbered in session.execute(per_state)}
    states = {each: many.get(each, (0, 0))[0] for each in CopyState}
    free, numbered = many.get(CopyState.AVAILABLE, (0, 0))
    total = states[state] if state else sum(states.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    wanted = select(Copy).where(Copy.run_id == run.id).order_by(Copy.number.is_(None), Copy.number, Copy.issue, Copy.id)
    if state is not None:
        wanted = wanted.where(Copy.state == state)
    found = session.scalars(wanted.limit(PAGE).offset((page - 1) * PAGE)).all()
    letters = counts.stock(session, [run.id])[run.id].copies
    shown = tuple(copy_rows(session, found))
    in_parts = bundles(session, run.id)
    return RunStock(head_of(session, run), letters, states, free - numbered, shown, page, pages, total, in_parts)

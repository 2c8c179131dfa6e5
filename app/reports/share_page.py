"""Who has what share in a release and its runs: what holds today, and all that was ever said."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import shares
from app.catalogue.maker_models import WHOLE, Maker, MakerShare
from app.catalogue.models import Release, Run
from app.catalogue.shares import Term, per_cent
from app.kernel.errors import NotFound
from app.kernel.local_time import day_in


@dataclass(frozen=True)
class RunHeld:
    """A run and what each maker gets of it today; `rest` is the label's, in per cent."""

    id: int
    title: str
    makers: tuple[tuple[int, str, Term], ...]
    rest: str


@dataclass(frozen=True)
class Said:
    """One row, as it was written; `run` is empty for all runs of the release."""

    maker: str
    run: str
    share: str
    costs_first: bool
    begins_on: date
    begun: bool


@dataclass(frozen=True)
class SharePage:
    """The page of one release."""

    id: int
    label_id: int
    catalogue_number: str
    artist: str
    title: str
    zone: str
    runs: tuple[RunHeld, ...]
    said: tuple[Said, ...]
    makers: tuple[tuple[int, str], ...]


def share_page(session: Session, release_id: int, now: datetime) -> SharePage:
    """The page; NotFound."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound("There is no such release.")
    today, rows = day_in(now, release.label.time_zone), shares.of_releases(session, [release_id])
    runs = session.scalars(select(Run).where(Run.release_id == release_id).order_by(Run.id)).all()
    mine = select(Maker.id, Maker.name).where(Maker.label_id == release.label_id).order_by(Maker.name)
    makers = tuple((id_, name) for id_, name in session.execute(mine))
    names, titles = dict(makers), {run.id: run.title for run in runs}
    said = [
        Said(
            names[row.maker_id],
            titles[row.run_id] if row.run_id is not None else "",
            per_cent(row.basis_points),
            row.costs_first,
            row.begins_on,
            row.begins_on <= today,
        )
        for row in rows
    ]
    return SharePage(
        id=release.id,
        label_id=release.label_id,
        catalogue_number=release.catalogue_number,
        artist=release.artist.name,
        title=release.title,
        zone=release.label.time_zone,
        runs=tuple(_held(run, rows, makers, today) for run in runs),
        said=tuple(sorted(said, key=lambda each: each.begins_on, reverse=True)),
        makers=makers,
    )


def _held(run: Run, rows: list[MakerShare], makers: tuple[tuple[int, str], ...], today: date) -> RunHeld:
    found = [(id_, name, shares.terms(rows, id_, run.id, run.release_id).on(today)) for id_, name in makers]
    held = tuple(each for each in found if each[2].basis_points)
    return RunHeld(run.id, run.title, held, per_cent(WHOLE - sum(term.basis_points for _, _, term in held)))

"""The books by run: what each brought, and how much of it is sold."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Release, Run
from app.inventory import counts
from app.reports.book_sums import BookPart, Sum, summed


@dataclass(frozen=True)
class RunSum:
    """One run's sum, and where its copies are today: `sold` of `made`, in per cent."""

    run_id: int
    catalogue_number: str
    artist: str
    title: str
    run_title: str
    sum: Sum
    made: int
    sold: int

    @property
    def sell_through(self) -> int:
        """Per cent of the copies made that are sold today; 0 while none is made."""
        return round(100 * self.sold / self.made) if self.made else 0


def by_run(session: Session, parts: Iterable[BookPart], currency: str) -> tuple[RunSum, ...]:
    """A row per run that occurs, by catalogue number."""
    every = summed(parts, lambda part: part.run_id, currency)
    sums = {run_id: each for run_id, each in every.items() if run_id is not None}
    runs = (
        select(Run, Release, Artist.name).join(Release, Release.id == Run.release_id).join(Artist, Artist.id == Release.artist_id)
        .where(Run.id.in_(sums)).order_by(Release.catalogue_number, Run.id)
    )  # fmt: skip
    stock = counts.tallies(session, sums)
    return tuple(
        RunSum(
            run_id=row.id,
            catalogue_number=release.catalogue_number,
            artist=artist,
            title=release.title,
            run_title=row.title,
            sum=sums[row.id],
            made=stock[row.id].made,
            sold=stock[row.id].sold,
        )
        for row, release, artist in session.execute(runs)
    )

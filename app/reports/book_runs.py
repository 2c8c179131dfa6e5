"""The books by run: what each brought, and how much of it is sold."""

from dataclasses import dataclass

from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session

from app.catalogue.models import Artist, Release, Run
from app.inventory import counts
from app.reports.book_sums import Sum, sum_of, summed


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


def by_run(session: Session, found: Subquery, currency: str) -> tuple[RunSum, ...]:
    """A row per run that occurs, by catalogue number."""
    run = found.c.run_id
    sums = {run_id: sum_of(row, currency) for run_id, *row in session.execute(summed(found, run).where(run.is_not(None)))}
    runs = (
        select(Run, Release, Artist.name).join(Release, Release.id == Run.release_id).join(Artist, Artist.id == Release.artist_id)
        .where(Run.id.in_(sums)).order_by(Release.catalogue_number, Run.id)
    )  # fmt: skip
    stock = counts.stock(session, list(sums))
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

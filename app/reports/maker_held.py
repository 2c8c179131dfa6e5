"""The runs in which makers have, or had, a share, with their terms and what was spent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import costs, shares
from app.catalogue.maker_models import Maker, MakerShare, RunCost
from app.catalogue.models import Run
from app.reports.maker_math import Account


@dataclass(frozen=True)
class Held:
    """What makers hold of some runs: rows of shares, each run's release, and what was spent on it."""

    rows: Sequence[MakerShare]
    release_of: dict[int, int]
    costs: Sequence[RunCost]

    def accounts(self, maker_id: int) -> dict[int, Account]:
        """An empty account of each run in which the maker ever had a share."""
        found = {}
        for run_id, release_id in self.release_of.items():
            terms = shares.terms(self.rows, maker_id, run_id, release_id)
            if terms.days:
                found[run_id] = Account(terms)
        return found


def held(session: Session, makers: Iterable[Maker]) -> Held:
    """All that is needed to open the accounts of some makers of one label."""
    ids = [maker.id for maker in makers]
    rows = list(session.scalars(select(MakerShare).where(MakerShare.maker_id.in_(ids)).order_by(MakerShare.id)))
    releases = {row.release_id for row in rows}
    runs = select(Run.id, Run.release_id).where(Run.release_id.in_(releases)).order_by(Run.id)
    release_of = dict(session.execute(runs).all())
    return Held(rows, release_of, costs.of_runs(session, release_of))

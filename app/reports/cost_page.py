"""What a run cost, as a list with its sum."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import RunCost
from app.catalogue.models import Run
from app.kernel.money import Money
from app.reports.deeds import staff_names


@dataclass(frozen=True)
class CostRow:
    """One cost; `struck` where it was entered wrongly."""

    id: int
    kind: str
    words: str
    day: date
    amount: Money
    who: str
    struck: bool


@dataclass(frozen=True)
class CostPage:
    """The page of one run."""

    run_id: int
    run_title: str
    release_id: int
    catalogue_number: str
    artist: str
    title: str
    currency: str
    zone: str
    rows: tuple[CostRow, ...]
    sum: Money


def cost_page(session: Session, run_id: int) -> CostPage:
    """The page of a run that is there."""
    run = session.get_one(Run, run_id)
    release, currency = run.release, run.release.label.currency
    mine = select(RunCost).where(RunCost.run_id == run_id).order_by(RunCost.spent_on.desc(), RunCost.id.desc())
    costs = session.scalars(mine).all()
    names = staff_names(session, (cost.noted_by for cost in costs))
    rows = tuple(
        CostRow(
            cost.id, cost.kind.value, cost.words, cost.spent_on, Money(cost.amount, currency), names[cost.noted_by],
            cost.struck_at is not None,
        )
        for cost in costs
    )  # fmt: skip
    return CostPage(
        run_id=run_id,
        run_title=run.title,
        release_id=release.id,
        catalogue_number=release.catalogue_number,
        artist=release.artist.name,
        title=release.title,
        currency=currency,
        zone=release.label.time_zone,
        rows=rows,
        sum=Money(sum(row.amount.amount for row in rows if not row.struck), currency),
    )

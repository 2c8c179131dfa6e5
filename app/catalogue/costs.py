"""What was spent on a run."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.maker_models import CostKind, RunCost
from app.kernel.errors import NotFound


def spend(
    session: Session, run_id: int, kind: CostKind, amount: int, day: date, words: str, staff_id: int, now: datetime
) -> RunCost:
    """Note a cost of a run, in minor units of its label's currency."""
    cost = RunCost(run_id=run_id, kind=kind, amount=amount, spent_on=day, words=words, noted_by=staff_id, noted_at=now)
    session.add(cost)
    session.flush()
    return cost


def locked(session: Session, cost_id: int) -> RunCost:
    """A cost, locked; NotFound when there is none."""
    cost = session.get(RunCost, cost_id, with_for_update=True, populate_existing=True)
    if cost is None:
        raise NotFound("There is no such cost.")
    return cost


def of_runs(session: Session, run_ids: Collection[int]) -> list[RunCost]:
    """What was spent on some runs and is not struck out, by day."""
    mine = select(RunCost).where(RunCost.run_id.in_(run_ids), RunCost.struck_at.is_(None))
    return list(session.scalars(mine.order_by(RunCost.spent_on, RunCost.id)))

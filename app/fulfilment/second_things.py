"""The second thing in every copy of a run that customs counts apart: said, taken back, read."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Run
from app.catalogue.runs import HS_CODE
from app.fulfilment.customs_things import Second
from app.fulfilment.models import SecondThing
from app.kernel.errors import BadInput


def say(session: Session, run: Run, second: Second | None) -> None:
    """What else is in each copy of this run; None for nothing. BadInput names every field that cannot be."""
    row = session.get(SecondThing, run.id)
    if second is None:
        if row is not None:
            session.delete(row)
    else:
        _check(run, second)
        session.merge(SecondThing(run_id=run.id, **asdict(second)))
    session.flush()


def of_runs(session: Session, run_ids: Collection[int]) -> dict[int, Second]:
    """The second things of these runs, for those that have one."""
    found = session.scalars(select(SecondThing).where(SecondThing.run_id.in_(run_ids)))
    return {row.run_id: Second(row.what, row.hs_code, row.price, row.weight) for row in found}


def _check(run: Run, second: Second) -> None:
    wrong = {}
    if not second.what:
        wrong["what"] = "Say what it is, in English: Printed zine."
    if not HS_CODE.fullmatch(second.hs_code):
        wrong["hs_code"] = "6, 8 or 10 digits: 490199."
    if not 0 < second.price < run.price:
        wrong["price"] = "More than nothing and less than the whole copy costs: customs wants a value for each of the two."
    if not 0 < second.weight < run.weight:
        wrong["weight"] = f"More than nothing and less than the copy's {run.weight} grams."
    if wrong:
        raise BadInput("", wrong)

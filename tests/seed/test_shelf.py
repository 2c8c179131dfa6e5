"""The demo's shelf: what is shown newest first looks so, by day and by number."""

from dataclasses import replace

from sqlalchemy import select

from app.catalogue.models import Run
from app.inventory import counts
from app.kernel.db import Database, reading, transaction
from app.seed.printing import _press
from app.seed.shelf import SHELF
from tests.builders import make_label, make_release
from tests.cast import NOW


def test_the_numbers_are_in_the_sequence_of_the_days() -> None:
    assert [plan.number for plan in sorted(SHELF, key=lambda plan: plan.days)] == sorted(plan.number for plan in SHELF)
    assert len({plan.days for plan in SHELF}) == len(SHELF)  # no two on one day, whose sequence would be chance


def test_a_few_of_each_run_are_in_reserve_and_not_for_sale(db: Database) -> None:
    plans = [replace(SHELF[0].runs[0], slug=f"run-{size}", size=size) for size in (20, 150)]
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        for plan in plans:
            _press(session, release, plan, NOW)
    with reading(db) as session:
        runs = list(session.scalars(select(Run).order_by(Run.id)))
        stock = counts.stock(session, [run.id for run in runs])
        assert [counts.reserve(session, run.id) for run in runs] == [2, 6]
        assert [stock[run.id].available for run in runs] == [20, 150]

"""People who have a share in a label's runs, what was spent, and what was paid out; each committed."""

from datetime import date

from sqlalchemy import select

from app.accounts.models import Staff
from app.catalogue import costs, makers, shares
from app.catalogue.maker_models import CostKind, MakerShare
from app.catalogue.makers import MakerWords
from app.catalogue.models import Run
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW

FIRST_DAY = date(2026, 11, 1)


def bookkeeper(db: Database) -> int:
    """Who enters it: somebody at the desk, made when there is nobody yet."""
    with reading(db) as session:
        found = session.scalar(select(Staff.id).order_by(Staff.id).limit(1))
    if found is not None:
        return found
    with transaction(db) as session:
        row = Staff(email="bea@tinsel.example", name="Bea", password_hash="$argon2id$none", created_at=NOW)
        session.add(row)
        session.flush()
        return row.id


def make_maker(db: Database, name: str = "Mira Vale", label_id: int = 1) -> int:
    """A maker of a label: their id."""
    with transaction(db) as session:
        return makers.create(session, label_id, MakerWords(name, "", None), NOW).id


def share(
    db: Database,
    maker_id: int,
    basis_points: int,
    *,
    run_id: int = 1,
    costs_first: bool = True,
    day: date = FIRST_DAY,
    own: bool = False,
) -> None:
    """What a maker gets of the release of a run, or (`own`) of the run alone, from a day on."""
    who = bookkeeper(db)
    with transaction(db) as session:
        release_id = session.get_one(Run, run_id).release_id
        row = MakerShare(
            maker_id=maker_id, release_id=release_id, run_id=run_id if own else None, basis_points=basis_points,
            costs_first=costs_first, begins_on=day, noted_by=who, noted_at=NOW,
        )  # fmt: skip
        shares.write(session, row)


def spend(db: Database, amount: int, *, run_id: int = 1, day: date = FIRST_DAY) -> int:
    """A cost of a run: its id."""
    who = bookkeeper(db)
    with transaction(db) as session:
        return costs.spend(session, run_id, CostKind.PRESSING, amount, day, "", who, NOW).id


def pay_out(db: Database, maker_id: int, amount: int, day: date) -> int:
    """A payout: its id."""
    who = bookkeeper(db)
    with transaction(db) as session:
        return makers.pay_out(session, makers.locked(session, maker_id), amount, day, "by transfer", who, NOW).id

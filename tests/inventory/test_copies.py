"""Pressing, withdrawing, restoring and counting copies, each with its movement."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.inventory import claims, counts, stocktake
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, NotFound
from tests.builders import make_label, make_release, make_run, open_drop, paid_order, take_some
from tests.cast import ADA, BEN, NOW, SAM


def _movements(db: Database, number: int) -> list[tuple[str | None, str, str, str]]:
    with reading(db) as session:
        mine = select(StockMovement).join(Copy, Copy.id == StockMovement.copy_id).where(Copy.number == number)
        rows = session.scalars(mine.order_by(StockMovement.id))
        return [(row.before, row.after, row.actor, row.reason) for row in rows]


def test_pressing_makes_every_number_once(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)), size=5, first_number=3, pressed=False)
        assert stocktake.press(session, run.id, 3, 5, NOW, SAM) == 5
        run.pressed_at = NOW
    with reading(db) as session:
        assert session.scalars(select(Copy.number).order_by(Copy.id)).all() == [3, 4, 5, 6, 7]
    assert _movements(db, 3) == [(None, "available", SAM, "pressed")]


def test_pressing_twice_is_refused_by_the_numbers(db: Database) -> None:
    _, run = open_drop(db, size=2)
    with pytest.raises(IntegrityError), transaction(db) as session:
        stocktake.press(session, run, 1, 2, NOW, SAM)


def test_a_copy_is_withdrawn_and_put_back_with_reasons(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    with transaction(db) as session:
        assert claims.withdraw(session, 1, NOW, SAM, "cracked shell") == 1
    assert [held.numbers for held in take_some(db, drop, {run: 1}).contents] == [(2,)]
    with transaction(db) as session:
        assert claims.restore(session, 1, NOW, SAM, "only the box") == 1
    assert _movements(db, 1)[1:] == [
        ("available", "withdrawn", SAM, "cracked shell"),
        ("withdrawn", "available", SAM, "only the box"),
    ]


@pytest.mark.parametrize("state", [CopyState.HELD, CopyState.ALLOCATED, CopyState.WITHDRAWN])
def test_what_belongs_to_somebody_is_not_withdrawn(db: Database, state: CopyState) -> None:
    drop, run = open_drop(db, size=3)
    take_some(db, drop, {run: 1}, BEN)
    paid_order(db, drop, {run: 1}, ADA)
    with transaction(db) as session:
        claims.withdraw(session, 3, NOW, SAM, "bent")
        copy = session.scalars(select(Copy).where(Copy.state == state)).one()
        with pytest.raises(Conflict, match=f"This copy is {state}"):
            claims.withdraw(session, copy.id, NOW, SAM, "again")


def test_what_is_not_withdrawn_cannot_be_restored(db: Database) -> None:
    open_drop(db, size=1)
    with transaction(db) as session, pytest.raises(Conflict, match="not withdrawn"):
        claims.restore(session, 1, NOW, SAM, "")


@pytest.mark.parametrize("deed", [claims.withdraw, claims.restore])
def test_an_unknown_copy_is_not_found(db: Database, deed: object) -> None:
    with transaction(db) as session, pytest.raises(NotFound):
        deed(session, 4711, NOW, SAM, "x")  # type: ignore[operator]


def test_stock_is_counted_in_number_order(db: Database) -> None:
    drop, run = open_drop(db, size=6)
    take_some(db, drop, {run: 2}, BEN)
    paid_order(db, drop, {run: 1}, ADA)
    with transaction(db) as session:
        claims.withdraw(session, 5, NOW, SAM, "bent")
    with reading(db) as session:
        found = counts.stock(session, [run, 99])
        assert counts.available(session, run) == 2
        assert counts.numbers_of_lines(session, [1, 77]) == {1: (3,), 77: ()}
    assert found[run].copies == "hhsawa"
    assert [found[run].made, found[run].available, found[run].held, found[run].sold, found[run].withdrawn] == [6, 2, 2, 1, 1]
    assert (found[99].made, found[99].copies) == (0, "")


def test_a_claim_is_all_or_nothing(db: Database) -> None:
    drop, run = open_drop(db, size=3)
    hold = take_some(db, drop, {run: 1}).hold
    with transaction(db) as session:
        assert claims.hold_free(session, run, 3, hold.id, NOW) == []
        assert claims.hold_free(session, run, 2, hold.id, NOW) == [2, 3]

"""Races about copies that did not come: for the last free number, with a refund at the desk, between answers, with a buyer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.checkout import refund
from app.checkout.parts import Choice, Plan
from app.checkout.shortfall_choice import Answer
from app.checkout.take import Taken
from app.inventory.delivery_models import Delivery, Shortfall
from app.kernel.db import Database, transaction
from app.kernel.errors import Conflict, Refusal, SoldOut
from app.payments.models import Fate, Refund
from tests import short
from tests.builders import open_drop, paid_order, take_some
from tests.cast import ADA, BEN, EVE, NOW, SAM
from tests.databases import loosen, states_of
from tests.giving import desk
from tests.races.rivals import Rival, at_statement, no_locks
from tests.short import said

pytestmark = pytest.mark.race

MOVED, MARKED, QUEUED = r"UPDATE copies", r"UPDATE shortfalls", r"INSERT INTO outbox"


def _short(db: Database, *, size: int = 3) -> list[int]:
    """Ada's 1 and Ben's 2 did not come; the rest is free. Ada waits already, so nobody is before Ben. Their orders."""
    drop, run = open_drop(db, size=size)
    orders = [paid_order(db, drop, {run: 1}, who, NOW + timedelta(seconds=at)).id for at, who in enumerate((ADA, BEN))]
    short.deliver(db, run, said(1, 2))
    short.answer(db, 1, Answer.WAIT)
    return orders


def _try(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except Refusal as no:
        return no


def _met(db: Database, first: Callable[[], Any], moment: str, second: Callable[[], Any]) -> tuple[Any, Any]:
    rival = Rival(second)
    with at_statement(db, moment, rival):
        ours = _try(first)
    return ours, rival.finish()


def _loosen(db: Database) -> None:
    """Take the checks of the tables away, too: they would be a second guard."""
    with db.engine.connect() as connection:
        loosen(connection, {"copies", "shortfalls"})
        connection.commit()


def _other(db: Database, number: int, actor: str = "fan") -> Shortfall:
    return short.answer(db, number, Answer.OTHER, actor=actor, other=3)


def _at_the_desk(db: Database, order_id: int, copy_id: int) -> Refund:
    """Somebody at the desk gives the money back and takes the copy out."""
    with transaction(db) as session:
        return refund.ask(session, order_id, Plan({copy_id: Choice(Fate.WITHDRAWN, "gone")}, whole=True), 2595, desk(), NOW)


def test_the_last_free_number_goes_to_one(db: Database) -> None:
    _short(db)
    ours, theirs = _met(db, lambda: _other(db, 1), MOVED, lambda: _other(db, 2))
    assert (type(ours), type(theirs)) == (Shortfall, Conflict)
    assert short.states(db) == {1: "exchanged", 2: "offered"}


def test_control_the_last_free_number_without_locks(breakable_db: Database) -> None:
    _short(breakable_db)
    _loosen(breakable_db)
    with no_locks(breakable_db) as bare:
        ours, theirs = _met(bare, lambda: _other(bare, 1), MOVED, lambda: _other(bare, 2))
    assert (type(ours), type(theirs)) == (Shortfall, Shortfall), "without its guard one number is promised to two"


def test_money_at_the_desk_or_another_number_and_never_both(db: Database) -> None:
    _, ben = _short(db)
    ours, theirs = _met(db, lambda: _other(db, 2), MOVED, lambda: _at_the_desk(db, ben, 2))
    assert (type(ours), type(theirs), short.states(db)[2]) == (Shortfall, Conflict, "exchanged")


def test_another_number_is_not_to_be_had_once_the_money_went_back(db: Database) -> None:
    _, ben = _short(db)
    ours, theirs = _met(db, lambda: _at_the_desk(db, ben, 2), MOVED, lambda: _other(db, 2))
    assert (type(ours), type(theirs), short.states(db)[2]) == (Refund, Conflict, "left")


def test_control_money_and_another_number_without_locks(breakable_db: Database) -> None:
    _, ben = _short(breakable_db)
    _loosen(breakable_db)
    with no_locks(breakable_db) as bare:
        ours, theirs = _met(bare, lambda: _other(bare, 2), MOVED, lambda: _at_the_desk(bare, ben, 2))
    assert (type(ours), type(theirs)) == (Shortfall, Refund), "without its guard the fan has both"


def test_two_answers_are_one(db: Database) -> None:
    _short(db)
    ours, theirs = _met(db, lambda: short.answer(db, 2, Answer.REFUND), QUEUED, lambda: _other(db, 2, SAM))
    assert (type(ours), type(theirs), short.states(db)[2]) == (Shortfall, Conflict, "refunding")


def test_control_two_answers_without_locks(breakable_db: Database) -> None:
    _short(breakable_db)
    _loosen(breakable_db)
    with no_locks(breakable_db) as bare:
        ours, theirs = _met(bare, lambda: short.answer(bare, 2, Answer.REFUND), MARKED, lambda: _other(bare, 2, SAM))
    assert (type(ours), type(theirs)) == (Shortfall, Shortfall), "without its guard both are noted, and the money goes back as well"


def _bought_or_missing(db: Database, run: int, drop: int) -> tuple[Any, Any]:
    what = said(1)
    shown = short.look(db, run, what).sign

    def deliver() -> Delivery:
        with transaction(db) as session:
            return short.delivery.deliver(session, run, what, shown, NOW, SAM)

    return _met(db, deliver, MOVED, lambda: take_some(db, drop, {run: 1}, EVE))


def test_a_free_copy_that_is_missing_is_not_bought(db: Database) -> None:
    drop, run = open_drop(db, size=1)
    ours, theirs = _bought_or_missing(db, run, drop)
    assert (type(ours), type(theirs), states_of(db)) == (Delivery, SoldOut, ["withdrawn"])


def test_control_a_missing_copy_is_bought_without_locks(breakable_db: Database) -> None:
    drop, run = open_drop(breakable_db, size=1)
    _loosen(breakable_db)
    with no_locks(breakable_db) as bare:
        ours, theirs = _bought_or_missing(bare, run, drop)
    assert (type(ours), type(theirs)) == (Delivery, Taken), "without its guard somebody pays for what never came"

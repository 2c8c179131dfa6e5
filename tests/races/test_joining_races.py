"""Races about the open parcel: two orders of one fan settle at once, and one settles while the parcel is locked for packing."""

from collections.abc import Callable
from typing import Any

import pytest

from app.catalogue.models import Run
from app.checkout import one_parcel, shared_postage
from app.fulfilment import locking, together
from app.kernel.db import Database, reading, transaction
from app.payments.models import CheckoutAttempt
from tests.builders import make_drop, open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import NOW
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

SPENT = r"UPDATE holds SET"  # after the look for an open parcel
JOINS = r"INSERT INTO joined_parcels"
LOCKS = r"UPDATE parcels SET"
REFUND = r"INSERT INTO refunds"


def _attempts(db: Database) -> tuple[CheckoutAttempt, CheckoutAttempt]:
    """Ada has paid in two drops of one label, and nobody has settled either."""
    drop, run = open_drop(db)
    with transaction(db) as session:
        other = make_drop(session, [session.get_one(Run, run)]).id
    first, second = (open_attempt(db, take_with_details(db, each, {run: 1}).id) for each in (drop, other))
    return first, second


def _settle(db: Database, attempt: CheckoutAttempt) -> int:
    payment = settle_as(db, attempt)
    assert payment is not None
    return payment.order_id or 0


def _lock(db: Database, order_id: int) -> list[int]:
    """Lock a parcel and print its slip: the orders on it."""
    with transaction(db) as session:
        locking.lock(session, [order_id], NOW)
        return together.order_ids(session, order_id)


def _meet(db: Database, first: Callable[[], Any], moment: str, second: Callable[[], Any]) -> tuple[Any, Any]:
    rival = Rival(second)
    with at_statement(db, moment, rival):
        ours = first()
    return ours, rival.finish()


def _in_it(db: Database, order_id: int) -> list[int]:
    with reading(db) as session:
        return together.order_ids(session, order_id)


def _two_settle(db: Database) -> list[list[int]]:
    one, other = _attempts(db)
    ids = _meet(db, lambda: _settle(db, one), SPENT, lambda: _settle(db, other))
    return sorted({tuple(_in_it(db, id_)): _in_it(db, id_) for id_ in ids}.values())


def test_two_orders_settle_at_once_and_leave_together(db: Database) -> None:
    assert _two_settle(db) == [[1, 2]]


def test_control_two_settle_without_the_fans_lock(postgres_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL alone, where nobody sees what is not kept yet; SQLite's writers are one after the other."""
    monkeypatch.setattr(one_parcel, "lock_fan", lambda *_: None)
    assert _two_settle(postgres_db) == [[1], [2]], "without its guard each has a parcel of its own"


def _paid_and_an_attempt(db: Database) -> tuple[int, CheckoutAttempt]:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    return order, open_attempt(db, take_with_details(db, drop, {run: 1}).id)


def test_what_is_printed_is_what_is_in_it(db: Database) -> None:
    order, attempt = _paid_and_an_attempt(db)
    printed, joined = _meet(db, lambda: _lock(db, order), LOCKS, lambda: _settle(db, attempt))
    assert (printed, _in_it(db, order), _in_it(db, joined)) == ([order], [order], [joined])


def test_who_joins_first_is_printed(db: Database) -> None:
    order, attempt = _paid_and_an_attempt(db)
    joined, printed = _meet(db, lambda: _settle(db, attempt), JOINS, lambda: _lock(db, order))
    assert printed == _in_it(db, order) == [order, joined]


def test_control_an_order_joins_what_is_being_locked(breakable_db: Database) -> None:
    order, attempt = _paid_and_an_attempt(breakable_db)
    with no_locks(breakable_db) as bare:
        joined, printed = _meet(bare, lambda: _settle(bare, attempt), JOINS, lambda: _lock(bare, order))
    assert (printed, _in_it(breakable_db, order)) == ([order], [order, joined]), "without its guard the slip lacks an order"


def _share(db: Database, order_id: int) -> int:
    with transaction(db) as session:
        return shared_postage.give_back(session, order_id, NOW)


def _two_joined(db: Database) -> int:
    drop, run = open_drop(db)
    return [paid_order(db, drop, {run: 1}).id for _ in range(2)][-1]


def test_two_workers_give_the_postage_back_once(db: Database) -> None:
    order = _two_joined(db)
    assert sorted(_meet(db, lambda: _share(db, order), REFUND, lambda: _share(db, order))) == [0, 195]


def test_control_two_workers_without_the_payments_lock(breakable_db: Database) -> None:
    order = _two_joined(breakable_db)
    with no_locks(breakable_db) as bare, pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        ours, theirs = _meet(bare, lambda: _share(bare, order), REFUND, lambda: _share(bare, order))
        raise theirs if isinstance(theirs, Exception) else AssertionError(ours, theirs)

"""A count is closed while somebody still scans: what is in a closed count was looked at, or is not in it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.fulfilment import shipping
from app.inventory import counting
from app.inventory.models import CountedCopy
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, Refusal
from tests.builders import open_drop, paid_order
from tests.cast import NOW, SAM
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

CLOSING = r"UPDATE stock_counts"


def _counted(db: Database) -> int:
    """Copy 2 of two is scanned, and copy 1 has left: the count can be closed."""
    drop, run = open_drop(db, size=2)
    order = paid_order(db, drop, {run: 1})
    with transaction(db) as session:
        shipping.ship(session, order.id, "DHL", "", NOW, SAM)
        count = counting.open_count(session, run, NOW, SAM).id
        counting.scan(session, count, 2, NOW, SAM)
        return count


def _try(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except Refusal as no:
        return no


def _close(db: Database, count: int) -> str:
    with transaction(db) as session:
        counting.close(session, count, NOW, SAM)
    return "closed"


def _scan(db: Database, count: int) -> bool:
    """The copy that has left lies on the shelf: a difference."""
    with transaction(db) as session:
        return counting.scan(session, count, 1, NOW, SAM)


def _met(db: Database, count: int) -> tuple[Any, Any]:
    rival = Rival(lambda: _scan(db, count))
    with at_statement(db, CLOSING, rival):
        ours = _try(lambda: _close(db, count))
    return ours, rival.finish()


def _scanned(db: Database) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(CountedCopy)) or 0


def test_nothing_comes_into_a_count_that_is_being_closed(db: Database) -> None:
    ours, theirs = _met(db, _counted(db))
    assert (ours, type(theirs), _scanned(db)) == ("closed", Conflict, 1)


def test_control_a_count_without_its_lock(breakable_db: Database) -> None:
    count = _counted(breakable_db)
    with no_locks(breakable_db) as bare:
        assert _met(bare, count) == ("closed", True)
    assert _scanned(breakable_db) == 2, "without its guard a difference is in a closed count, and has no name"

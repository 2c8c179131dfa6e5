"""Races for a pre-order that slipped: the fan takes the way out twice at once, or while the parcel is being packed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue.making import Step
from app.checkout import goods, telling, ways_out
from app.fulfilment import shipping
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, NotPaid, Refusal
from app.orders.models import Order
from app.payments.models import Refund
from tests.builders import open_drop, paid_order
from tests.cast import NOW, StoppedClock
from tests.databases import loosen
from tests.preordering import JUNE, say
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

MONEY_GOES_BACK = r"INSERT INTO refunds"


def _slipped(db: Database) -> Order:
    """Ada's paid order of copies 1 and 2, €49.95, of a pre-order that slipped and is here now."""
    clock = StoppedClock(NOW)
    drop, run = open_drop(db, size=3)
    say(db, clock, run)
    clock.forward(seconds=1)
    order = paid_order(db, drop, {run: 2}, now=clock.now())
    clock.forward(seconds=1)
    say(db, clock, run, Step.HERE, JUNE)
    with transaction(db) as session:
        wave = telling.begin(session, run)
        assert wave is not None
        telling.tell(session, wave, wave.fans, clock.now())
        telling.end(session, wave)
    return order


def _try(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except Refusal as no:
        return no


def _take(db: Database, order: Order) -> str:
    with transaction(db) as session:
        ways_out.take(session, order.id, 1, 4995, NOW)
    return "cancelled"


def _pack(db: Database, order: Order) -> str:
    with transaction(db) as session:
        shipping.pack(session, order.id, NOW)
    return "packed"


def _given_back(db: Database) -> list[int]:
    with reading(db) as session:
        return list(session.scalars(select(Refund.amount)))


def _free(db: Database) -> int:
    with reading(db) as session:
        return len(session.scalars(select(Copy.id).where(Copy.state == CopyState.AVAILABLE)).all())


def test_two_clicks_give_everything_back_once(db: Database) -> None:
    order = _slipped(db)
    rival = Rival(lambda: _take(db, order))
    with at_statement(db, MONEY_GOES_BACK, rival):
        assert _try(lambda: _take(db, order)) == "cancelled"
    assert isinstance(rival.finish(), Conflict)
    assert (_given_back(db), _free(db)) == ([4995], 3)


def test_control_two_clicks_without_locks(breakable_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    order = _slipped(breakable_db)
    monkeypatch.setattr(goods, "move", lambda *_: None)  # each copy moves once, which is a guard, too
    with breakable_db.engine.connect() as connection:
        loosen(connection, {"refunds"})  # the unique key of a payment's next refund is a guard, too
        connection.commit()
    with no_locks(breakable_db) as bare:
        rival = Rival(lambda: _take(bare, order))
        with at_statement(bare, MONEY_GOES_BACK, rival):
            _try(lambda: _take(bare, order))
        rival.finish()
    assert sum(_given_back(breakable_db)) > 4995, "without its guard the money goes back twice"


def test_what_is_cancelled_is_not_packed(db: Database) -> None:
    order = _slipped(db)
    rival = Rival(lambda: _pack(db, order))
    with at_statement(db, MONEY_GOES_BACK, rival):
        assert _try(lambda: _take(db, order)) == "cancelled"
    assert isinstance(rival.finish(), NotPaid)


def test_what_is_packed_is_not_cancelled(db: Database) -> None:
    order = _slipped(db)
    rival = Rival(lambda: _take(db, order))
    with at_statement(db, r"UPDATE parcels", rival):
        assert _try(lambda: _pack(db, order)) == "packed"
    assert isinstance(rival.finish(), Conflict)
    assert (_given_back(db), _free(db)) == ([], 1)


def test_control_packing_what_is_cancelled(db: Database, unchecked: None) -> None:
    order = _slipped(db)
    with no_locks(db) as bare:
        rival = Rival(lambda: _pack(bare, order))
        with at_statement(bare, MONEY_GOES_BACK, rival):
            ours = _try(lambda: _take(bare, order))
        theirs = rival.finish()
    assert (ours, theirs) == ("cancelled", "packed"), "without its guard an order is cancelled and packed"

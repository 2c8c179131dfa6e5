"""Races for money that goes back and copies that come back, judged by what each person at the desk was told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.checkout import aftermath, cancel, refund
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.fulfilment.models import Shipment
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import AlreadyShipped, Conflict, Disputed, NotPaid, OverRefund, Refusal
from app.orders.models import Order
from app.payments.facts import DisputeFacts
from app.payments.models import Fate, Payment, Refund
from app.payments.states import DisputeState
from tests.builders import open_drop, paid_order
from tests.cast import NOW, SAM
from tests.databases import loosen
from tests.giving import desk
from tests.races.rivals import Rival, at_statement, no_locks

pytestmark = pytest.mark.race

MONEY_GOES_BACK = r"INSERT INTO refunds"


def _bought(db: Database) -> Order:
    """Ada's paid order of copies 1 and 2: €49.95."""
    drop, run = open_drop(db, size=3)
    return paid_order(db, drop, {run: 2})


def _try(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except Refusal as no:
        return no


def _give_back(db: Database, order: Order, plan: Plan, shown: int) -> Refund:
    with transaction(db) as session:
        return refund.ask(session, order.id, plan, shown, desk(), NOW)


def _ship(db: Database, order: Order) -> Shipment:
    with transaction(db) as session:
        return shipping.ship(session, order.id, "DHL", "", NOW, SAM)


def _pack(db: Database, order: Order) -> str:
    with transaction(db) as session:
        shipping.pack(session, order.id, NOW)
    return "packed"


def _cancel(db: Database, order: Order) -> str:
    with transaction(db) as session:
        cancel.cancel_by_fan(session, order.id, NOW)
    return "cancelled"


def _shipped(db: Database) -> set[int]:
    """The copies that a parcel left with, whatever became of them since."""
    with reading(db) as session:
        return set(session.scalars(select(StockMovement.copy_id).where(StockMovement.after == CopyState.SHIPPED)))


def _free(db: Database) -> set[int]:
    with reading(db) as session:
        return set(session.scalars(select(Copy.id).where(Copy.state == CopyState.AVAILABLE)))


# refund ‖ refund: each of the two fits, both do not


def _both_give_back(db: Database, order: Order) -> tuple[Any, Any]:
    rival = Rival(lambda: _give_back(db, order, Plan(amount=3000), 3000))
    with at_statement(db, MONEY_GOES_BACK, rival):
        ours = _try(lambda: _give_back(db, order, Plan(amount=2900), 2900))
    return ours, rival.finish()


def test_two_refunds_never_give_back_more_than_was_taken(db: Database) -> None:
    ours, theirs = _both_give_back(db, _bought(db))
    assert sum(said.amount for said in (ours, theirs) if isinstance(said, Refund)) <= 4995
    assert [type(said) for said in (ours, theirs)] == [Refund, OverRefund]


def test_control_two_refunds_without_the_payments_lock(breakable_db: Database) -> None:
    order = _bought(breakable_db)
    _bare(breakable_db, "refunds")  # the unique key of a payment's next refund is a guard, too
    with no_locks(breakable_db) as bare:
        ours, theirs = _both_give_back(bare, order)
    assert ours.amount + theirs.amount == 5900, "without its guard more goes back than was taken"


def test_two_clicks_on_the_same_refund_are_one(db: Database) -> None:
    order = _bought(db)
    rival = Rival(lambda: _give_back(db, order, Plan(postage=True), 195))
    with at_statement(db, MONEY_GOES_BACK, rival):
        ours = _try(lambda: _give_back(db, order, Plan(postage=True), 195))
    assert [type(said) for said in (ours, rival.finish())] == [Refund, Conflict]


# refund ‖ ship: a copy is put back on sale while its parcel leaves


def _one_back_while_it_leaves(db: Database, order: Order) -> tuple[Any, Any]:
    rival = Rival(lambda: _ship(db, order))
    with at_statement(db, MONEY_GOES_BACK, rival):
        ours = _try(lambda: _give_back(db, order, Plan({1: Choice(Fate.PUT_BACK)}), 2400))
    return ours, rival.finish()


def test_a_copy_that_was_put_back_is_not_in_the_parcel(db: Database) -> None:
    ours, theirs = _one_back_while_it_leaves(db, _bought(db))
    assert (type(ours), type(theirs)) == (Refund, Shipment)
    assert _shipped(db) & _free(db) == set()
    assert (_shipped(db), _free(db)) == ({2}, {1, 3})


def test_a_parcel_that_leaves_first_keeps_its_copies(db: Database) -> None:
    order = _bought(db)
    rival = Rival(lambda: _give_back(db, order, Plan({1: Choice(Fate.PUT_BACK)}), 2400))
    with at_statement(db, r"INSERT INTO shipments", rival):
        ours = _try(lambda: _ship(db, order))
    assert (type(ours), type(rival.finish())) == (Shipment, Conflict)
    assert (_shipped(db), _free(db)) == ({1, 2}, {3})


def test_control_putting_back_what_leaves(db: Database, unchecked: None) -> None:
    order = _bought(db)
    with no_locks(db) as bare:
        ours, theirs = _one_back_while_it_leaves(bare, order)
    assert (type(ours), type(theirs)) == (Refund, Shipment)
    assert _shipped(db) & _free(db) == {1}, "without its guard a copy is in the post and on sale"


# cancel ‖ pack, cancel ‖ ship: the fan calls it off while it is being packed


@pytest.mark.parametrize("deed", [_pack, _ship])
def test_what_is_called_off_is_not_packed(db: Database, deed: Callable[[Database, Order], Any]) -> None:
    order = _bought(db)
    rival = Rival(lambda: deed(db, order))
    with at_statement(db, MONEY_GOES_BACK, rival):
        assert _try(lambda: _cancel(db, order)) == "cancelled"
    assert isinstance(rival.finish(), NotPaid)
    assert (_shipped(db), _free(db)) == (set(), {1, 2, 3})


@pytest.mark.parametrize(("deed", "moment"), [(_pack, r"UPDATE parcels"), (_ship, r"INSERT INTO shipments")])
def test_what_is_packed_is_not_called_off(db: Database, deed: Callable[[Database, Order], Any], moment: str) -> None:
    order = _bought(db)
    rival = Rival(lambda: _cancel(db, order))
    with at_statement(db, moment, rival):
        ours = _try(lambda: deed(db, order))
    assert not isinstance(ours, Refusal)
    assert isinstance(rival.finish(), Conflict | AlreadyShipped)
    with reading(db) as session:
        assert session.scalars(select(Refund.id)).all() == []


@pytest.mark.parametrize("deed", [_pack, _ship])
def test_control_cancelling_without_the_orders_lock(db: Database, unchecked: None, deed: Callable[[Database, Order], Any]) -> None:
    order = _bought(db)
    with no_locks(db) as bare:
        rival = Rival(lambda: deed(bare, order))
        with at_statement(bare, MONEY_GOES_BACK, rival):
            ours = _try(lambda: _cancel(bare, order))
        theirs = rival.finish()
    assert ours == "cancelled"
    assert not isinstance(theirs, Refusal), "without its guard an order is called off and packed"


# cancel ‖ cancel: the fan and the desk


def test_two_who_cancel_give_back_once(db: Database) -> None:
    order = _bought(db)

    def at_the_desk() -> Refund | None:
        with transaction(db) as session:
            return cancel.cancel(session, order.id, {1: Choice(Fate.PUT_BACK), 2: Choice(Fate.PUT_BACK)}, desk(), NOW)

    rival = Rival(at_the_desk)
    with at_statement(db, MONEY_GOES_BACK, rival):
        assert _try(lambda: _cancel(db, order)) == "cancelled"
    assert isinstance(rival.finish(), Conflict)
    with reading(db) as session:
        assert session.scalars(select(Refund.amount)).all() == [4995]


# dispute ‖ ship: the bank is heard while the parcel leaves


def _hear_of_it(db: Database, order: Order) -> str:
    with transaction(db) as session:
        payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        said = DisputeFacts("du_1", None, 4995, "EUR", DisputeState.NEEDS_RESPONSE, "fraudulent", None, NOW)
        aftermath.apply(session, payment.id, [], [said], NOW, "evt_dispute")
    return "heard"


def _leaves_while_disputed(db: Database, order: Order) -> tuple[Any, Any]:
    rival = Rival(lambda: _ship(db, order))
    with at_statement(db, r"INSERT INTO disputes", rival):
        ours = _hear_of_it(db, order)
    return ours, rival.finish()


def test_what_is_disputed_does_not_leave(db: Database) -> None:
    ours, theirs = _leaves_while_disputed(db, _bought(db))
    assert (ours, type(theirs), _shipped(db)) == ("heard", Disputed, set())


def test_control_a_dispute_without_the_orders_lock(db: Database, unchecked: None) -> None:
    order = _bought(db)
    with no_locks(db) as bare:
        ours, theirs = _leaves_while_disputed(bare, order)
    assert (ours, type(theirs)) == ("heard", Shipment), "without its guard a disputed parcel leaves"


def _bare(db: Database, *tables: str) -> None:
    """Take every unique key off some tables for good."""
    with db.engine.connect() as connection:
        loosen(connection, set(tables))
        connection.commit()

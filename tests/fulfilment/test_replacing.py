"""A damaged copy is replaced from the reserve: same number, next issue, same order, and the money's parts follow."""

import pytest
from sqlalchemy import select

from app.checkout.parts import Choice, Plan
from app.fulfilment import replacing, scanning, shipping
from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.replacing import Replaced
from app.inventory import claims, counts
from app.inventory.models import Copy, StockMovement
from app.inventory.pressing import press_reserve
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import AlreadyShipped, Conflict, SoldOut
from app.orders.models import Order
from app.payments.models import Fate, RefundPart
from app.reports import slip_facts
from app.reports.order_page import order_page
from tests.builders import give_back, make_label, make_release, make_run, open_drop, paid_order, take_some
from tests.cast import BEN, NOW, SAM


def spare(db: Database, run: int, quantity: int, left: int = 0) -> None:
    """Press copies for the reserve."""
    with transaction(db) as session:
        press_reserve(session, run, quantity, left, NOW, SAM)


def replace(db: Database, copy_id: int) -> Replaced:
    """The copy is cracked."""
    with transaction(db) as session:
        return replacing.replace_damaged(session, copy_id, "cracked", NOW, SAM)


def _copies(db: Database) -> list[tuple[int | None, int, CopyState, bool]]:
    with reading(db) as session:
        found = session.scalars(select(Copy).order_by(Copy.number.is_(None), Copy.number, Copy.issue))
        return [(copy.number, copy.issue, copy.state, copy.order_line_id is not None) for copy in found]


def test_the_number_is_issued_again_to_the_same_order(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    order = paid_order(db, drop, {run: 1})
    spare(db, run, 2)
    new = replace(db, 1)
    assert (new.order_id, new.issue, new.reopened) == (order.id, 1, False)
    assert _copies(db) == [
        (1, 0, CopyState.WITHDRAWN, False),
        (1, 1, CopyState.ALLOCATED, True),
        (2, 0, CopyState.AVAILABLE, False),
        (None, 0, CopyState.AVAILABLE, False),
    ]
    with reading(db) as session:
        moved = session.scalars(select(StockMovement).order_by(StockMovement.id.desc()).limit(2)).all()[::-1]
        assert [(m.copy_id, m.before, m.after, m.actor, m.reason, m.order_line_id) for m in moved] == [
            (1, "allocated", "withdrawn", SAM, "damaged: cracked", 1),
            (new.copy_id, "available", "allocated", SAM, "second issue, for a damaged one", 1),
        ]
        stock = counts.stock(session, [run])[run]
        tally = counts.tally(session, run)
        assert (stock.copies, tally.made, tally.available, counts.reserve(session, run)) == ("sa", 2, 1, 1)
        [slip] = slip_facts.slips(session, [order.id], "https://shop.example")
        assert (slip.lines[0].numbers, slip.lines[0].again, slip.lines[0].copies) == ((1,), ("№ 1, second issue",), "sa")
        assert order_page(session, session.get_one(Order, order.id)).again == ("№ 1, second issue",)
    assert replace(db, new.copy_id).issue == 2


def test_nothing_of_the_reserve_is_for_sale(db: Database) -> None:
    drop, run = open_drop(db, size=1)
    paid_order(db, drop, {run: 1})
    spare(db, run, 3)
    with reading(db) as session:
        assert (counts.available(session, run), counts.stock(session, [run])[run].copies) == (0, "s")
    with pytest.raises(SoldOut):
        take_some(db, drop, {run: 1}, BEN)


def test_without_a_reserve_nothing_happens(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    paid_order(db, drop, {run: 1})
    before = _copies(db)
    with pytest.raises(Conflict, match="Nothing is left of this run's reserve"):
        replace(db, 1)
    with pytest.raises(Conflict, match="belongs to no order"):
        replace(db, 2)
    assert _copies(db) == before


def test_it_is_replaced_once_and_stays_withdrawn(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    paid_order(db, drop, {run: 1})
    spare(db, run, 2)
    replace(db, 1)
    with pytest.raises(Conflict, match="belongs to no order"):
        replace(db, 1)
    with pytest.raises(Conflict, match="Another copy has this number"), transaction(db) as session:
        claims.restore(session, 1, NOW, SAM, "it plays after all")
    with reading(db) as session:
        assert counts.reserve(session, run) == 1


def test_a_packed_parcel_waits_for_the_new_copy(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    order = paid_order(db, drop, {run: 2}).id
    spare(db, run, 1)
    for copy_id in (1, 2):
        with transaction(db) as session:
            scanning.put_in(session, order, copy_id, NOW, SAM)
    new = replace(db, 2)
    assert new.reopened
    with reading(db) as session:
        assert session.scalars(select(Parcel.state)).one() is ParcelState.OPEN
    with pytest.raises(scanning.WrongParcel), transaction(db) as session:
        scanning.put_in(session, order, 2, NOW, SAM)
    with transaction(db) as session:
        assert scanning.put_in(session, order, new.copy_id, NOW, SAM).packed
    with transaction(db) as session:
        assert shipping.ship(session, order, "DHL", "1", NOW, SAM).parcel_id == 1
    with pytest.raises(AlreadyShipped):
        replace(db, new.copy_id)


def test_money_that_went_back_for_it_is_for_the_new_one(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    order = paid_order(db, drop, {run: 1}).id
    give_back(db, order, Plan({1: Choice(Fate.KEPT, 500)}))
    spare(db, run, 1)
    new = replace(db, 1)
    with reading(db) as session:
        assert session.scalars(select(RefundPart.copy_id)).all() == [new.copy_id]


def test_a_reserve_is_pressed_once_per_form_and_never_before_its_run(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)), pressed=False).id
    with pytest.raises(Conflict, match="not pressed yet"):
        spare(db, run, 1)
    _, pressed = open_drop(db, size=1)
    spare(db, pressed, 2)
    with pytest.raises(Conflict, match="The reserve changed"):
        spare(db, pressed, 2)
    spare(db, pressed, 1, left=2)
    with reading(db) as session:
        assert counts.reserve(session, pressed) == 3

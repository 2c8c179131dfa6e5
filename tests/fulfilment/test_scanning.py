"""Packing by scanning: a right pair counts once, a wrong one changes nothing, the last copy packs the parcel."""

import pytest
from sqlalchemy import select

from app.checkout.take import Fan
from app.fulfilment import scanning, shipping
from app.fulfilment.models import PackedCopy, Parcel, ParcelState
from app.fulfilment.scanning import Put, WrongParcel
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import AlreadyShipped, Disputed, NotPaid
from tests.builders import disputed, open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import ADA, NOW, SAM, Person

TWO = Person("Guest", "guest@example.org", Fan("guest", ""))


def copies_of(db: Database) -> dict[int, int]:
    """Copies by number."""
    with reading(db) as session:
        return dict(session.execute(select(Copy.number, Copy.id)).all())


def put(db: Database, order_id: int, copy_id: int) -> Put:
    """Scan a copy, then a parcel."""
    with transaction(db) as session:
        return scanning.put_in(session, order_id, copy_id, NOW, SAM)


def _state(db: Database, order_id: int) -> tuple[ParcelState, list[int]]:
    with reading(db) as session:
        parcel = session.scalars(select(Parcel).where(Parcel.order_id == order_id)).one()
        inside = select(PackedCopy.copy_id).where(PackedCopy.parcel_id == parcel.id).order_by(PackedCopy.copy_id)
        return parcel.state, list(session.scalars(inside))


def test_the_last_copy_packs_the_parcel(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 2}).id
    one, two = copies_of(db)[1], copies_of(db)[2]
    assert put(db, order, two) == Put(again=False, packed=False, left=1)
    assert put(db, order, two) == Put(again=True, packed=False, left=1)
    assert _state(db, order) == (ParcelState.OPEN, [two])
    assert put(db, order, one) == Put(again=False, packed=True, left=0)
    assert put(db, order, one) == Put(again=True, packed=False, left=0)
    assert _state(db, order) == (ParcelState.PACKED, [one, two])


def test_a_wrong_copy_goes_nowhere(db: Database) -> None:
    drop, run = open_drop(db)
    mine, other = paid_order(db, drop, {run: 1}, ADA).id, paid_order(db, drop, {run: 1}, TWO).id
    for number, belongs in ((2, other), (3, None)):
        with pytest.raises(WrongParcel) as no:
            put(db, mine, copies_of(db)[number])
        assert no.value.context["belongs"] == belongs
    assert _state(db, mine) == (ParcelState.OPEN, [])


def test_what_must_not_be_packed_is_refused(db: Database) -> None:
    drop, run = open_drop(db)
    settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}).id))
    with pytest.raises(NotPaid):
        put(db, 1, copies_of(db)[1])
    other = paid_order(db, drop, {run: 1}, TWO).id
    disputed(db, other)
    with pytest.raises(Disputed):
        put(db, other, copies_of(db)[2])
    assert _state(db, 1) == _state(db, other) == (ParcelState.OPEN, [])


def test_the_last_scan_is_undone_once(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    copy = copies_of(db)[1]
    put(db, order, copy)
    for undone in (True, False):
        with transaction(db) as session:
            assert scanning.take_out(session, order, copy, NOW) is undone
        assert _state(db, order) == (ParcelState.OPEN, [])
    put(db, order, copy)
    with transaction(db) as session:
        shipping.ship(session, order, "DHL", "1", NOW, SAM)
    with pytest.raises(AlreadyShipped), transaction(db) as session:
        scanning.take_out(session, order, copy, NOW)
    with pytest.raises(AlreadyShipped):
        put(db, order, copy)


def test_an_unpacked_parcel_is_scanned_again(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    put(db, order, copies_of(db)[1])
    with transaction(db) as session:
        shipping.unpack(session, order, NOW)
    assert _state(db, order) == (ParcelState.OPEN, [])
    assert put(db, order, copies_of(db)[1]).packed

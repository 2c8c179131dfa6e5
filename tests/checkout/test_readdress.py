"""Where an order goes is corrected: by the fan until the pack lock, by the desk until it has left."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.checkout import readdress
from app.fulfilment import locking, shipping
from app.fulfilment.models import Parcel, PostageRate, PostageZone
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import AlreadyShipped, Conflict
from app.orders.models import Order
from app.payments.facts import Address
from tests.builders import BERLIN, end_payment, open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import NOW, SAM

NEAR = replace(BERLIN, line1="Prüfweg 2")


def _by_fan(db: Database, order_id: int, to: Address) -> bool:
    with transaction(db) as session:
        return readdress.by_fan(session, order_id, to, NOW)


def _by_desk(db: Database, order_id: int, to: Address) -> bool:
    with transaction(db) as session:
        return readdress.by_desk(session, order_id, to, NOW)


def _goes_to(db: Database, order_id: int) -> Address:
    with reading(db) as session:
        return readdress.address_of(session.get_one(Order, order_id))


def _audit(db: Database) -> list[tuple[str, dict[str, object]]]:
    with reading(db) as session:
        return [(row.deed, row.detail) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_the_fan_corrects_it_and_the_log_keeps_neither_address(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    assert _by_fan(db, order, NEAR)
    assert not _by_fan(db, order, NEAR)
    assert _goes_to(db, order) == NEAR
    assert _audit(db) == [("order.address_changed_by_fan", {"number": "00001"})]


def test_from_the_lock_on_only_the_desk_may(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    with transaction(db) as session:
        assert (locking.lock(session, [order], NOW), locking.lock(session, [order], NOW)) == ([order], [])
    with pytest.raises(Conflict, match=r"Packing has begun.*desk@tinsel\.example"):
        _by_fan(db, order, NEAR)
    assert _goes_to(db, order) == BERLIN
    assert _by_desk(db, order, NEAR)
    with transaction(db) as session:
        assert (locking.unlock(session, [order], NOW), locking.unlock(session, [order], NOW)) == ([order], [])
    assert _by_fan(db, order, BERLIN)


def test_a_locked_parcel_that_is_unpacked_stays_locked(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    with transaction(db) as session:
        locking.lock(session, [order], NOW)
        shipping.pack(session, order, NOW)
        shipping.unpack(session, order, NOW)
    with reading(db) as session:
        parcel = session.scalars(select(Parcel)).one()
        assert (parcel.state, parcel.locked_at, parcel.packed_at) == ("locked", NOW, None)
    with pytest.raises(Conflict), transaction(db) as session:
        shipping.unpack(session, order, NOW)


def test_what_has_left_or_was_cancelled_goes_nowhere_else(db: Database) -> None:
    drop, run = open_drop(db)
    sent = paid_order(db, drop, {run: 1}).id
    with transaction(db) as session:
        shipping.ship(session, sent, "DHL", "1", NOW, SAM)
    for change in (_by_fan, _by_desk):
        with pytest.raises(AlreadyShipped):
            change(db, sent, NEAR)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}).id))
    end_payment(db, payment.id if payment else 0, "canceled")
    for change in (_by_fan, _by_desk):
        with pytest.raises(Conflict, match="cancelled"):
            change(db, sent + 1, NEAR)
    assert _goes_to(db, sent) == _goes_to(db, sent + 1) == BERLIN


def test_another_country_only_where_what_was_paid_is_enough(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    vienna = Address("Ada Lovelace", "Ring 1", "", "1010", "Wien", "", "AT")
    with pytest.raises(Conflict, match="does not cover the postage"):
        _by_fan(db, order, vienna)
    assert _goes_to(db, order) == BERLIN
    with transaction(db) as session:
        home = session.scalars(select(PostageZone).where(PostageZone.name == "Home")).one()
        home.countries = "DE AT"
    assert _by_fan(db, order, vienna)
    with reading(db) as session:
        kept = session.get_one(Order, order)
        assert (kept.country, kept.postage_name, kept.postage_amount) == ("AT", "Letter", 195)


def test_a_cheaper_country_is_posted_to_by_its_own_rate(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}).id
    with transaction(db) as session:
        label = session.get_one(Order, order).label_id
        zone = PostageZone(label_id=label, name="Near", countries="AT")
        zone.rates = [
            PostageRate(name="Postcard", amount=100, max_weight=500, tracked=False),
            PostageRate(name="Near letter", amount=195, max_weight=500, tracked=False),
            PostageRate(name="Tracked", amount=150, max_weight=500, tracked=True),
            PostageRate(name="Parcel", amount=900, max_weight=500, tracked=False),
        ]
        session.add(zone)
    assert _by_fan(db, order, replace(BERLIN, country="AT"))
    with reading(db) as session:
        assert session.get_one(Order, order).postage_name == "Near letter"

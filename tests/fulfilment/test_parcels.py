"""Parcels and shipping: paid first, shipped once, the fan told once, and the copies go with it."""

import itertools

import pytest
from sqlalchemy import select, text

from app.fulfilment import parcels, shipping
from app.fulfilment.carriers import TRACKING, tracking_link
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.inventory.models import Copy, StockMovement
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import AlreadyShipped, Conflict, NotFound, NotPaid
from app.kernel.outbox import Job
from tests.builders import end_payment, open_attempt, open_drop, paid_order, settle_as, take_with_details
from tests.cast import NOW, SAM

MOVES = {
    "open>locked", "open>packed", "open>sent", "locked>open", "locked>packed", "locked>sent",
    "packed>open", "packed>locked", "packed>sent",
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(itertools.product(ParcelState, ParcelState)))
def test_the_life_of_a_parcel(before: ParcelState, after: ParcelState) -> None:
    parcel = Parcel(state=before, packed_at=None)
    if f"{before}>{after}" in MOVES:
        parcels.move(parcel, after, NOW)
        assert (parcel.state, parcel.packed_at) == (after, NOW if after is ParcelState.PACKED else None)
    else:
        with pytest.raises(AlreadyShipped if before is ParcelState.SENT else Conflict):
            parcels.move(parcel, after, NOW)
        assert parcel.state is before


def _shipments(db: Database) -> list[Shipment]:
    with reading(db) as session:
        return list(session.scalars(select(Shipment)))


def _mails(db: Database) -> int:
    with reading(db) as session:
        return len(session.scalars(select(Job.id).where(Job.kind == shipping.SHIPPED)).all())


def test_a_paid_order_is_packed_and_shipped(db: Database) -> None:
    drop, run = open_drop(db, size=3)
    order = paid_order(db, drop, {run: 2})
    with transaction(db) as session:
        shipping.pack(session, order.id, NOW)
    with transaction(db) as session:
        shipment = shipping.ship(session, order.id, " DHL ", " 00 34 ", NOW, SAM)
    assert (shipment.carrier, shipment.tracking, shipment.sent_at) == ("DHL", "00 34", NOW)
    assert shipment.tracking_url.endswith("=00%2034")
    with reading(db) as session:
        assert session.scalars(select(Copy.state).order_by(Copy.number)).all() == ["shipped", "shipped", "available"]
        moved = session.scalars(select(StockMovement).where(StockMovement.after == "shipped")).all()
    assert [(m.before, m.actor, m.order_line_id) for m in moved] == [("allocated", SAM, 1)] * 2
    assert _mails(db) == 1


def test_it_is_shipped_once(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1})
    with transaction(db) as session:
        shipping.ship(session, order.id, "", "", NOW, SAM)
    for deed in (lambda s: shipping.ship(s, order.id, "DHL", "2", NOW, SAM), lambda s: shipping.unpack(s, order.id, NOW)):
        with pytest.raises(AlreadyShipped), transaction(db) as session:
            deed(session)
    assert [(shipment.carrier, shipment.tracking_url) for shipment in _shipments(db)] == [("", "")]
    assert _mails(db) == 1


def test_nothing_is_packed_before_the_money_is_captured(db: Database) -> None:
    drop, run = open_drop(db)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}).id))
    assert payment is not None
    for deed in (lambda s: shipping.pack(s, 1, NOW), lambda s: shipping.ship(s, 1, "DHL", "1", NOW, SAM)):
        with pytest.raises(NotPaid, match="has not been captured yet"), transaction(db) as session:
            deed(session)
    assert (_shipments(db), _mails(db)) == ([], 0)
    end_payment(db, payment.id)
    with transaction(db) as session:
        shipping.pack(session, 1, NOW)
        shipping.unpack(session, 1, NOW)
    with reading(db) as session:
        assert session.scalars(select(Parcel.state)).all() == [ParcelState.OPEN]


def test_a_cancelled_order_is_not_shipped(db: Database) -> None:
    drop, run = open_drop(db)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}).id))
    assert payment is not None
    end_payment(db, payment.id, "canceled")
    with pytest.raises(NotPaid, match="cancelled"), transaction(db) as session:
        shipping.ship(session, 1, "DHL", "1", NOW, SAM)
    assert _shipments(db) == []


def test_unknown_orders_are_not_found(db: Database) -> None:
    for deed in (lambda s: shipping.pack(s, 77, NOW), lambda s: shipping.unpack(s, 77, NOW)):
        with pytest.raises(NotFound), transaction(db) as session:
            deed(session)
    with reading(db) as session:
        assert session.execute(text("SELECT COUNT(*) FROM parcels")).scalar() == 0


@pytest.mark.parametrize("carrier", TRACKING)
def test_tracking_links_are_escaped(carrier: str) -> None:
    link = tracking_link(f" {carrier} ", "a/b?c=<d>&")
    assert link.startswith("https://")
    assert "a%2Fb%3Fc%3D%3Cd%3E%26" in link


@pytest.mark.parametrize(("carrier", "tracking"), [("Pigeon", "1"), ("DHL", " "), ("", "")])
def test_no_link_for_what_we_do_not_know(carrier: str, tracking: str) -> None:
    assert tracking_link(carrier, tracking) == ""

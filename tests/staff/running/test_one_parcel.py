"""One parcel with two orders at the desk: listed, printed, packed, posted and sent once; taken apart and put together."""

import csv
import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.catalogue.models import Label
from app.fulfilment import together
from app.fulfilment.models import Parcel, ParcelState, Sender, Shipment
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from tests.builders import paid_order
from tests.cast import BEN
from tests.fulfilment.pdf_words import pages, words
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds, sit_down


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Orders 1 (copies 1 and 2) and 3 (copy 4) of Ada's in one parcel, and Ben's order 2 (copy 3)."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    paid_order(db, shop.drop_id, {shop.run_id: 1}, BEN)
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    return shop


def _parcels(db: Database) -> dict[int, ParcelState]:
    with reading(db) as session:
        return {parcel.order_id: parcel.state for parcel in session.scalars(select(Parcel))}


def _leaves_with(db: Database, order_id: int) -> list[int]:
    with reading(db) as session:
        return together.order_ids(session, order_id)


def test_the_packing_list_says_what_lies_in_one_parcel(sold: Shop, packer: Desk) -> None:
    page = packer.get("/staff/packing").text
    assert re.findall(r"with № (\d+)<", page) == ["00003", "00001"]
    assert re.findall(r'pick-no">(\d+)<', page) == ["01", "02", "03", "04"]


def test_who_joined_them_is_told_with_the_order_s_number(sold: Shop, manager: Desk) -> None:
    told = re.findall(r'history-what">(order.*?)</span> <span class="history-who">(.*?)</span>', manager.get("/staff/").text)
    assert ("order № 00003: joined another order&#39;s parcel", "Runout") in told
    log = manager.get("/staff/audit").text
    assert "№ 00003" in log
    assert "nobody signed in" not in log


def test_one_slip_names_both_orders_and_all_numbers(sold: Shop, packer: Desk) -> None:
    slips = packer.get("/staff/packing/slips.pdf").data
    assert pages(slips) == 2
    assert "Orders № 00001 + 00003: one parcel" in words(slips)
    assert "Order № 00002" in words(slips)
    assert pages(packer.get("/staff/packing/slips.pdf", order=3).data) == 1


def test_packed_and_shipped_once_however_many_are_ticked(db: Database, sold: Shop, packer: Desk) -> None:
    packer.post("/staff/packing/chosen", do="pack", order=["1", "3"])
    assert _parcels(db) == {1: ParcelState.PACKED, 2: ParcelState.OPEN, 3: ParcelState.PACKED}
    assert [each.entity_id for each in deeds(db, "order.packed")] == [1, 3]
    assert "One parcel with 2 orders: those that leave together stand in one row." in packer.get("/staff/packing/ship").text
    page = packer.get("/staff/packing/ship", order=["1", "3"]).text
    assert (page.count('name="order"'), "with № 00003" in page) == (1, True)
    answer = packer.post("/staff/packing/ship", **{"order": ["1", "3"], "carrier-1": "DHL", "tracking-1": "0034"})
    assert answer.status_code == 303
    assert "Shipped: № 00001 + 00003." in packer.get("/staff/packing/ship").text
    with reading(db) as session:
        assert session.scalars(select(Shipment.tracking)).all() == ["0034", "0034"]
        assert len(session.scalars(select(Job.id).where(Job.kind == "mail.shipped")).all()) == 1


def test_scanning_takes_both_orders_copies_into_either_parcel(db: Database, sold: Shop, packer: Desk) -> None:
    for code in ("TAPE-001 4", "TAPE-001 1"):
        answer = packer.post("/staff/packing/scan", code=code, parcel="1")
        assert answer.status_code == 303, answer.text
    page = packer.get("/staff/packing/scan", parcel=3).text
    assert "№ 00001 + 00003" in page
    assert page.count('class="scan-in"') == 2
    assert packer.post("/staff/packing/scan", code="TAPE-001 3", parcel="1").status_code == 409
    packer.post("/staff/packing/scan", code="TAPE-001 2", parcel="3")
    assert _parcels(db) == {1: ParcelState.PACKED, 2: ParcelState.OPEN, 3: ParcelState.PACKED}


def test_one_row_for_the_carrier_and_its_tracking_number_sends_all(db: Database, sold: Shop, packer: Desk) -> None:
    with transaction(db) as session:
        session.add(Sender(label_id=sold.label_id, line1="Hinterhof 3", postal_code="10999", city="Berlin"))
    said = packer.get("/staff/packing/parcel-slips/good.csv", shape="generic", label=sold.label_id).data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(said)))
    assert sum("Ada" in "".join(row) or "00001" in "".join(row) for row in rows) >= 1
    assert len(rows) == 3
    assert "00003" not in said
    packer.post(
        "/staff/packing/tracking/ship", label=str(sold.label_id), carrier="DHL", sent="0", refused="0", rows="00001\tA\t0034"
    )
    assert _parcels(db) == {1: ParcelState.SENT, 2: ParcelState.OPEN, 3: ParcelState.SENT}


def test_the_lock_takes_all_that_leaves_together(db: Database, sold: Shop, manager: Desk) -> None:
    assert manager.post("/staff/packing/lock", order="3").status_code == 303
    assert _parcels(db) == {1: ParcelState.LOCKED, 2: ParcelState.OPEN, 3: ParcelState.LOCKED}
    assert [each.entity_id for each in deeds(db, "order.parcel_locked")] == [1, 3]
    assert "One parcel is locked for packing." in manager.get("/staff/packing").text
    manager.post("/staff/orders/1/unlock")
    assert set(_parcels(db).values()) == {ParcelState.OPEN}


def test_taken_apart_and_put_together_again(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    page = manager.get("/staff/orders/3").text
    assert 'href="/staff/orders/1">№ 00001</a>' in page
    assert "€1.95 of postage goes back after 21:00" in page
    assert "/apart" not in packer.get("/staff/orders/3").text
    assert manager.post("/staff/orders/3/apart").status_code == 303
    assert _leaves_with(db, 3) == [3]
    assert "is the same fan’s, to the same address" in manager.get("/staff/orders/3").text
    assert manager.post("/staff/orders/3/apart").status_code == 409
    assert manager.post("/staff/orders/3/join", other="2").status_code == 409
    assert manager.post("/staff/orders/3/join", other="99").status_code == 404
    assert manager.post("/staff/orders/3/join", other="1").status_code == 303
    assert _leaves_with(db, 3) == [1, 3]
    assert [each.entity_id for each in (*deeds(db, "order.parted"), *deeds(db, "order.joined"))] == [3, 3]


def test_a_label_that_does_not_want_it(app: Flask, db: Database, sold: Shop, manager: Desk, stranger: Desk) -> None:
    assert "joins the parcel that is still open" in manager.get("/staff/postage").text
    assert stranger.post(f"/staff/labels/{sold.label_id}/joining", joins="no").status_code == 404
    assert manager.post(f"/staff/labels/{sold.label_id}/joining", joins="perhaps").status_code == 422
    assert manager.post(f"/staff/labels/{sold.label_id}/joining", joins="no").status_code == 303
    assert "a parcel of its own" in manager.get("/staff/postage").text
    with reading(db) as session:
        assert not session.get_one(Label, sold.label_id).joins_orders
    assert [each.detail for each in deeds(db, "label.joins_orders")] == [{"joins": False}]
    packer = sit_down(app, db, sold.label_id, Role.PACKER)
    assert packer.post(f"/staff/labels/{sold.label_id}/joining", joins="yes").status_code == 403

"""A damaged copy at the desk: asked about, replaced once, and what can be done when nothing is left of the reserve."""

import pytest
from sqlalchemy import select

from app.inventory import counts
from app.inventory.models import Copy
from app.kernel.db import Database, reading
from tests.builders import paid_order
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Order 1 with copy 1, paid."""
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    return shop


def _reserve(db: Database, run_id: int) -> int:
    with reading(db) as session:
        return counts.reserve(session, run_id)


def test_from_the_order_to_its_replacement(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    at = f"/staff/runs/{sold.run_id}/reserve"
    assert manager.post(at, quantity="3", left="0").status_code == 303
    assert manager.post(at, quantity="3", left="0").status_code == 409
    assert manager.post(at).status_code == 422  # a form without its fields
    assert _reserve(db, sold.run_id) == 3
    assert "/staff/copies/1/damaged" in packer.get("/staff/orders/1").text
    assert "3 copies of the reserve are left" in packer.get("/staff/copies/1/damaged").text
    answer = packer.post("/staff/copies/1/damaged", words="cracked shell")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/orders/1")
    page = packer.get("/staff/orders/1").text
    assert "№ 01/10, second issue takes its place" in page
    assert "№ 01, second issue" in page
    assert _reserve(db, sold.run_id) == 2
    old = manager.get("/staff/copies/1").text
    assert ("so it stays withdrawn" in old, "Put it back on sale" in old) == (True, False)
    again = packer.post("/staff/copies/1/damaged", words="cracked shell")
    assert (again.status_code, "belongs to no order by now" in again.text) == (409, True)
    assert _reserve(db, sold.run_id) == 2
    assert [(deed.entity_id, deed.detail["copy"]) for deed in deeds(db, "order.copy_replaced")] == [(1, 1)]


def test_who_was_scanning_goes_on_scanning(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    assert manager.post(f"/staff/runs/{sold.run_id}/reserve", quantity="1", left="0").status_code == 303
    packer.post("/staff/packing/scan", code="№ 00001")
    page = packer.get("/staff/packing/scan?done=1&into=1&parcel=1").text
    assert "/staff/copies/1/damaged?from=scan" in page
    asked = packer.get("/staff/copies/1/damaged?from=scan").text
    assert 'action="/staff/copies/1/damaged?from=scan"' in asked
    assert 'href="/staff/packing/scan?parcel=1"' in asked
    answer = packer.post("/staff/copies/1/damaged?from=scan", words="cracked shell")
    assert answer.headers["Location"] == "/staff/packing/scan?parcel=1"
    assert "№ 01/10, second issue takes its place" in packer.get(answer.headers["Location"]).text


def test_without_a_reserve_it_says_what_can_be_done(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    page = packer.get("/staff/copies/1/damaged").text
    assert ("Nothing is left of this run’s reserve" in page, "a manager’s to do" in page) == (True, True)
    assert f"/staff/runs/{sold.run_id}/reserve" in manager.get("/staff/copies/1/damaged").text
    assert packer.post("/staff/copies/1/damaged", words="").status_code == 409
    with reading(db) as session:
        assert session.scalars(select(Copy.state).where(Copy.number == 1)).all() == ["allocated"]


def test_a_free_copy_is_not_replaced(sold: Shop, packer: Desk, stranger: Desk) -> None:
    assert "It waits for no parcel" in packer.get("/staff/copies/2/damaged").text
    assert stranger.get("/staff/copies/1/damaged").status_code == 404
    assert stranger.post("/staff/copies/1/damaged").status_code == 404


@pytest.mark.parametrize("quantity", ["0", "501", "", "x"])
def test_how_many_is_asked_again(sold: Shop, db: Database, manager: Desk, quantity: str) -> None:
    assert manager.post(f"/staff/runs/{sold.run_id}/reserve", quantity=quantity, left="0").status_code == 422
    assert _reserve(db, sold.run_id) == 0

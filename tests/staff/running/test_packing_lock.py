"""The pack lock and corrected addresses at the desk and on the fan's own page."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.checkout.take import Fan
from app.fulfilment.models import Parcel
from app.kernel.db import Database, reading
from app.orders.models import Order
from app.reports import links
from tests.builders import paid_order
from tests.cast import TOKENS, Person
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds

ADDRESS = {
    "name": "Ada King",
    "line1": "Prüfweg 2",
    "line2": "",
    "postal_code": "10115",
    "city": "Berlin",
    "region": "",
    "country": "DE",
}


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Orders 1 and 2 of one copy each, paid."""
    for n in (1, 2):
        paid_order(db, shop.drop_id, {shop.run_id: 1}, Person(f"Guest {n}", f"guest{n}@example.org", Fan(f"guest-{n}", "")))
    return shop


def _states(db: Database) -> list[str]:
    with reading(db) as session:
        return [state.value for state in session.scalars(select(Parcel.state).order_by(Parcel.order_id))]


def _order(db: Database, order_id: int) -> Order:
    with reading(db) as session:
        return session.get_one(Order, order_id)


def _path(db: Database, order_id: int) -> str:
    return links.order_path(TOKENS, _order(db, order_id))


def test_a_drop_is_locked_for_packing(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    at = f"/staff/drops/{sold.drop_id}/lock-parcels"
    assert "2 parcels are not locked" in manager.get("/staff/packing").text
    assert "not locked" not in packer.get("/staff/packing").text
    assert "Lock 2 parcels for packing?" in manager.get(at).text
    assert manager.post(at).status_code == 303
    assert _states(db) == ["locked", "locked"]
    back = manager.get(at)
    assert (back.status_code, back.location) == (303, f"/staff/drops/{sold.drop_id}")
    assert "Nothing to lock" in manager.get(back.location).text
    assert [deed.entity_id for deed in deeds(db, "order.parcel_locked")] == [1, 2]
    assert packer.post("/staff/packing/lock").status_code == 403


def test_chosen_parcels_are_locked_and_one_is_opened_again(db: Database, sold: Shop, manager: Desk, stranger: Desk) -> None:
    assert stranger.post("/staff/packing/lock", order="2").status_code == 404
    assert manager.post("/staff/packing/lock", order="2").status_code == 303
    assert _states(db) == ["open", "locked"]
    assert manager.post("/staff/packing/lock").status_code == 303
    assert _states(db) == ["locked", "locked"]
    assert manager.post("/staff/orders/2/unlock").status_code == 303
    assert manager.post("/staff/orders/2/unlock").status_code == 409
    assert _states(db) == ["locked", "open"]
    assert "The fan can still correct it" in manager.get("/staff/orders/2").text
    assert "Locked for packing" in manager.get("/staff/orders/1").text


def test_the_desk_corrects_an_address_with_a_reason(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    at = "/staff/orders/1/address"
    manager.post("/staff/packing/lock")
    assert 'value="Prüfweg 1"' in manager.get(at).text
    refused = manager.post(at, **{**ADDRESS, "postal_code": "1", "reason": "she wrote"})
    assert (refused.status_code, 'value="Ada King"' in refused.text, 'id="e-postal_code"' in refused.text) == (422, True, True)
    assert manager.post(at, **ADDRESS, reason="").status_code == 422
    assert _order(db, 1).line1 == "Prüfweg 1"
    assert manager.post(at, **ADDRESS, reason="she wrote").status_code == 303
    assert (_order(db, 1).name, _order(db, 1).line1) == ("Ada King", "Prüfweg 2")
    [deed] = deeds(db, "order.address_changed")
    assert deed.detail == {"number": "00001", "reason": "she wrote"}
    assert "address changed" in manager.get("/staff/orders/1").text
    assert packer.get(at).status_code == 403


def test_a_fan_corrects_their_own_address_until_the_lock(app: Flask, db: Database, sold: Shop, manager: Desk) -> None:
    fan, page = app.test_client(), _path(db, 1)
    assert f'href="{page}/address"' in fan.get(page).text
    form = fan.get(f"{page}/address").text
    assert ('value="Prüfweg 1"' in form, bool(re.search(r'name="postal_code"[^>]* required', form))) == (True, True)
    refused = fan.post(f"{page}/address", data={**ADDRESS, "postal_code": "nowhere", "country": "DE"})
    assert (refused.status_code, "does not look right for this country" in refused.text) == (422, True)
    dear = fan.post(f"{page}/address", data={**ADDRESS, "country": "NZ", "postal_code": "6011", "city": "Wellington"})
    assert (dear.status_code, "does not cover the postage" in dear.text, 'value="Wellington"' in dear.text) == (409, True, True)
    assert fan.post(f"{page}/address", data={**ADDRESS, "country": "ZZ"}).status_code == 422
    assert _order(db, 1).line1 == "Prüfweg 1"
    answer = fan.post(f"{page}/address", data=ADDRESS)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "Prüfweg 2" in fan.get(page).text
    assert [deed.detail for deed in deeds(db, "order.address_changed_by_fan")] == [{"number": "00001"}]
    assert "address changed by the fan" in manager.get("/staff/orders/1").text
    manager.post("/staff/packing/lock")
    assert "/address" not in fan.get(page).text
    for late in (fan.get(f"{page}/address"), fan.post(f"{page}/address", data={**ADDRESS, "line1": "Prüfweg 3"})):
        assert (late.status_code, "desk@tinsel.example" in late.text) == (409, True)
    assert _order(db, 1).line1 == "Prüfweg 2"


def test_a_programs_post_is_answered_in_kind(app: Flask, db: Database, sold: Shop) -> None:
    fan, at = app.test_client(), f"{_path(db, 1)}/address"
    said = [fan.post(at, data=ADDRESS, headers={"Accept": "application/json"}).json for _ in range(2)]
    assert said == [{"changed": True}, {"changed": False}]
    assert fan.post("/orders/1-AAAAAAAAAAAAAAAAAAAAAAAAAAA/address", data=ADDRESS).status_code == 404

"""Deeds on many orders: each for itself with its reason, in slices, undone where that can be, and never across labels."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.fulfilment.models import Parcel, ParcelState
from app.kernel.db import Database, reading
from app.kernel.outbox import Job
from app.orders import bulk
from app.orders.models import BulkOrder, BulkState, TaggedOrder
from app.staff import bulk_deeds
from tests.builders import paid_order
from tests.cast import someone
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds


@pytest.fixture
def orders(db: Database, shop: Shop) -> list[int]:
    """Five paid orders."""
    return [paid_order(db, shop.drop_id, {shop.run_id: 1}, someone(f"fan{n}")).id for n in range(5)]


def _parcels(db: Database, state: ParcelState) -> set[int]:
    with reading(db) as session:
        return set(session.scalars(select(Parcel.order_id).where(Parcel.state == state)))


def _tagged(db: Database) -> set[int]:
    with reading(db) as session:
        return set(session.scalars(select(TaggedOrder.order_id)))


def _states(db: Database) -> dict[int, BulkState]:
    with reading(db) as session:
        return dict(session.execute(select(BulkOrder.order_id, BulkOrder.state)).all())


def test_locking_tells_why_not_and_its_undo_leaves_what_was_locked_before(
    db: Database, orders: Sequence[int], manager: Desk
) -> None:
    manager.post("/staff/packing/lock", order=orders[0])
    manager.post(f"/staff/orders/{orders[1]}/pack")
    answer = manager.post("/staff/orders/chosen", do="lock", order=orders[:4])
    assert answer.location == "/staff/orders/bulk/1"
    page = manager.get(answer.location).text
    assert "Done for 2 orders." in page
    assert page.count("Its parcel is locked, packed or sent already.") == 2
    assert _parcels(db, ParcelState.LOCKED) == {orders[0], orders[2], orders[3]}
    manager.post(f"/staff/orders/{orders[3]}/pack")
    assert manager.post("/staff/orders/bulk/1/undo").status_code == 303
    page = manager.get("/staff/orders/bulk/1").text
    assert "Undone for one order." in page
    assert "Its parcel is not locked any more" in page
    assert _parcels(db, ParcelState.OPEN) == {orders[2], orders[4]}
    assert _parcels(db, ParcelState.LOCKED) == {orders[0]}
    assert _states(db)[orders[3]] is BulkState.KEPT
    assert [(entry.entity_id, entry.detail) for entry in deeds(db, "orders.bulk_undone")] == [(1, {"reason": "lock", "orders": 4})]
    assert manager.post("/staff/orders/bulk/1/undo").status_code == 409


def test_tags_go_on_and_come_off_and_the_undo_knows_who_had_them(db: Database, orders: Sequence[int], packer: Desk) -> None:
    packer.post(f"/staff/orders/{orders[0]}/tags", tag="gift")
    packer.post("/staff/orders/chosen", do="tag", tag="Gift", order=orders[:3])
    assert _tagged(db) == set(orders[:3])
    packer.post("/staff/orders/bulk/1/undo")
    assert _tagged(db) == {orders[0]}
    packer.post("/staff/orders/chosen", do="untag", tag="gift", order=orders[:2])
    assert _tagged(db) == set()
    packer.post("/staff/orders/bulk/2/undo")
    assert _tagged(db) == {orders[0]}
    assert [entry.entity_id for entry in deeds(db, "order.tagged")] == [orders[0], orders[1], orders[2], orders[0]]


def test_long_ones_go_on_slice_by_slice_and_an_order_has_one_turn(
    db: Database, orders: Sequence[int], manager: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_deeds, "SLICE", 2)
    page = manager.post("/staff/orders/chosen", do="confirm", all="1").location
    shown = manager.get(page).text
    assert 'value="2" max="5"' in shown
    assert "Undo it" not in shown
    for count in (4, 5, 5):
        assert manager.post(page).status_code == 303
        assert sum(state is BulkState.DONE for state in _states(db).values()) == count
    with reading(db) as session:
        again = [job.payload["order"] for job in session.scalars(select(Job).where(Job.key.like("mail.confirmed:%:1")))]
    assert sorted(again) == list(orders)
    assert manager.post(f"{page}/undo").status_code == 409
    assert "Done for 5 orders." in manager.get(page).text


def test_an_undo_half_way_stops_what_was_still_to_come(
    db: Database, orders: Sequence[int], manager: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_deeds, "SLICE", 2)
    page = manager.post("/staff/orders/chosen", do="lock", order=orders).location
    assert "Stop and undo it" in manager.get(page).text
    manager.post(f"{page}/undo")
    manager.post(page)
    assert _parcels(db, ParcelState.OPEN) == set(orders)
    assert "Undone for 2 orders." in manager.get(page).text


def test_all_that_match_are_those_of_the_address(db: Database, orders: Sequence[int], packer: Desk) -> None:
    packer.post(f"/staff/orders/{orders[1]}/notes", note="Ask her.")
    answer = packer.post("/staff/orders/chosen?fact=desk-note", do="tag", tag="ask", all="1")
    assert answer.status_code == 303
    assert _tagged(db) == {orders[1]}


def test_what_is_done_at_once(orders: Sequence[int], packer: Desk, manager: Desk, db: Database) -> None:
    slips = packer.post("/staff/orders/chosen", do="slips", order=orders[:2])
    assert slips.location == f"/staff/packing/slips.pdf?order={orders[0]}&order={orders[1]}"
    text = manager.post("/staff/orders/chosen", do="export", order=orders[1:3]).get_data(as_text=True)
    assert [line[:5] for line in text.splitlines()[1:]] == ["00002", "00003"]
    assert [entry.detail for entry in deeds(db, "orders.exported")] == [{"orders": 2}]


def test_choices_that_are_refused(
    db: Database, orders: Sequence[int], packer: Desk, manager: Desk, stranger: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = "/staff/orders/chosen"
    assert packer.post(chosen, do="tag", tag="gift").status_code == 422
    assert packer.post(chosen, do="tag", tag="", order=orders).status_code == 422
    assert packer.post(chosen, do="eat", order=orders).status_code == 422
    for do in ("lock", "confirm", "export"):
        assert packer.post(chosen, do=do, order=orders).status_code == 404, do
    assert stranger.post(chosen, do="tag", tag="gift", order=orders).status_code == 404
    monkeypatch.setattr(bulk, "MOST", 3)
    for which in ({"order": orders[:4]}, {"all": "1"}):
        assert "more than 3 orders" in manager.post(chosen, do="lock", **which).text
    assert _parcels(db, ParcelState.OPEN) == set(orders)
    assert _tagged(db) == set()
    manager.post(chosen, do="lock", order=orders[:2])
    for desk in (packer, stranger):
        assert desk.get("/staff/orders/bulk/1").status_code == 404
        assert desk.post("/staff/orders/bulk/1/undo").status_code == 404
    assert _parcels(db, ParcelState.LOCKED) == set(orders[:2])

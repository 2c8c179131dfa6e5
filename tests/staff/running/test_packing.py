"""Packing, slips and shipping, one at a time and many at once."""

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.roles import Role
from app.checkout.take import Fan
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.fulfilment.replacing import replace_damaged
from app.fulfilment.slips import FONTS
from app.inventory import stocktake
from app.inventory.counts import stock
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Unavailable
from app.kernel.outbox import Job
from app.orders.models import Order
from tests.builders import open_attempt, paid_order, settle_as, take_with_details
from tests.cast import BEN, NOW, SAM, Person, StoppedClock
from tests.fulfilment.pdf_words import words
from tests.site import make_app
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds, sit_down


def _parcels(db: Database) -> dict[int, ParcelState]:
    with reading(db) as session:
        return {parcel.order_id: parcel.state for parcel in session.scalars(select(Parcel))}


def _shipments(db: Database) -> list[tuple[str, str, str]]:
    with reading(db) as session:
        return [(s.carrier, s.tracking, s.tracking_url) for s in session.scalars(select(Shipment).order_by(Shipment.id))]


def _shipped_mails(db: Database) -> int:
    with reading(db) as session:
        return len(session.scalars(select(Job.id).where(Job.kind == "mail.shipped")).all())


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Orders 1, 2, 3 with copies 1+2, 3, 4, all paid; order 4 with copy 5, not paid yet."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    for n in (2, 3):
        paid_order(db, shop.drop_id, {shop.run_id: 1}, Person(f"Guest {n}", f"guest{n}@example.org", Fan(f"guest-{n}", "")))
    settle_as(db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}, BEN).id))
    return shop


def test_the_pick_list_names_what_was_issued_again(db: Database, sold: Shop, packer: Desk) -> None:
    with transaction(db) as session:
        stocktake.press_reserve(session, sold.run_id, 1, NOW, SAM)
        cracked = session.scalars(select(Copy).where(Copy.number == 2, Copy.run_id == sold.run_id)).one()
        replace_damaged(session, cracked.id, "cracked", NOW, SAM)
    picks = packer.get("/staff/packing").text.split('class="picks"', 1)[1]
    assert re.findall(r'pick-no">(\d+)</b> (?:<em>([^<]+)</em>)?', picks) == [
        ("01", ""),
        ("02", "second issue"),
        ("03", ""),
        ("04", ""),
    ]


def test_the_pick_list_is_in_number_order(sold: Shop, packer: Desk) -> None:
    page = packer.get("/staff/packing").text
    picks = page.split('class="picks"', 1)[1]
    assert re.findall(r'pick-no">(\d+)<', picks) == ["01", "02", "03", "04"]
    assert "00004" not in page  # not paid, so not packed


def test_pack_and_unpack(db: Database, sold: Shop, packer: Desk) -> None:
    assert packer.post("/staff/orders/1/pack").status_code == 303
    assert _parcels(db)[1] is ParcelState.PACKED
    assert "packed" in packer.get("/staff/orders/1").text
    assert packer.post("/staff/orders/1/unpack").status_code == 303
    assert _parcels(db)[1] is ParcelState.OPEN
    assert packer.post("/staff/orders/1/unpack").status_code == 409
    assert [deed.entity_id for deed in deeds(db, "order.packed") + deeds(db, "order.unpacked")] == [1, 1]


def test_unpaid_orders_are_neither_packed_nor_shipped(db: Database, sold: Shop, packer: Desk) -> None:
    for path, fields in (("pack", {}), ("ship", {"carrier": "DHL", "tracking": "1"})):
        answer = packer.post(f"/staff/orders/4/{path}", **fields)
        assert answer.status_code == 409
        assert "has not been captured yet" in answer.text
    assert _parcels(db)[4] is ParcelState.OPEN
    assert _shipments(db) == []


def test_packing_many_leaves_out_what_cannot_be(db: Database, sold: Shop, packer: Desk) -> None:
    answer = packer.post("/staff/packing/chosen", do="pack", order=["1", "3", "4"])
    assert (answer.status_code, answer.location) == (303, "/staff/orders/bulk/1")
    assert _parcels(db) == {1: ParcelState.PACKED, 2: ParcelState.OPEN, 3: ParcelState.PACKED, 4: ParcelState.OPEN}
    page = packer.get("/staff/orders/bulk/1").text
    assert "2 parcels are packed. One stayed as it was." in page
    assert "The money for this order has not been captured yet." in page
    assert [deed.entity_id for deed in deeds(db, "order.packed")] == [1, 3]
    assert [deed.detail for deed in deeds(db, "orders.bulk_begun")] == [{"reason": "pack", "parcels": 3}]


def test_what_somebody_packed_again_meanwhile_stays_packed(
    db: Database, sold: Shop, packer: Desk, manager: Desk, clock: StoppedClock
) -> None:
    packer.post("/staff/packing/chosen", do="pack", order=["1", "3"])
    packer.post("/staff/orders/3/unpack")
    clock.forward(minutes=1)
    manager.post("/staff/orders/3/pack")
    packer.post("/staff/orders/bulk/1/undo")
    assert "It was opened and packed again meanwhile." in packer.get("/staff/orders/bulk/1").text
    assert _parcels(db) == {1: ParcelState.OPEN, 2: ParcelState.OPEN, 3: ParcelState.PACKED, 4: ParcelState.OPEN}


def test_a_shop_that_is_busy_leaves_the_rest_for_the_next_time(
    db: Database, sold: Shop, packer: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_given: object) -> None:
        raise Unavailable("The shop is very busy.")

    with monkeypatch.context() as patched:
        patched.setattr("app.fulfilment.shipping.pack", busy)
        packer.post("/staff/packing/chosen", do="pack", order=["1", "3"])
    assert _parcels(db)[1] is ParcelState.OPEN
    packer.post("/staff/orders/bulk/1")
    assert "2 parcels are packed." in packer.get("/staff/orders/bulk/1").text
    assert (_parcels(db)[1], _parcels(db)[3]) == (ParcelState.PACKED, ParcelState.PACKED)


def test_packing_many_is_undone_but_for_what_has_left_or_was_opened(db: Database, sold: Shop, packer: Desk, manager: Desk) -> None:
    manager.post("/staff/packing/lock", order=["1", "3"])
    packer.post("/staff/packing/chosen", do="pack", order=["1", "2", "3"])
    assert "Undo it" in packer.get("/staff/orders/bulk/1").text
    packer.post("/staff/orders/2/ship", carrier="DHL", tracking="1")
    packer.post("/staff/orders/3/unpack")
    assert manager.post("/staff/orders/bulk/1/undo").status_code == 404  # it is the packer's
    assert packer.post("/staff/orders/bulk/1/undo").status_code == 303
    page = packer.get("/staff/orders/bulk/1").text
    assert "One parcel is to pack again. 2 stayed as they were." in page
    assert "It has left already: what is shipped stays shipped." in page
    assert "It is not packed any more: it was opened meanwhile." in page
    locked = ParcelState.LOCKED  # as they were before
    assert _parcels(db) == {1: locked, 2: ParcelState.SENT, 3: locked, 4: ParcelState.OPEN}
    assert [deed.entity_id for deed in deeds(db, "order.unpacked")] == [3, 1]
    assert packer.post("/staff/orders/bulk/1/undo").status_code == 409


@pytest.mark.parametrize(
    "fields", [{}, {"do": "pack"}, {"order": "1"}, {"do": "burn", "order": "1"}, {"do": "pack", "order": "1e3"}]
)
def test_choices_that_are_none(db: Database, sold: Shop, packer: Desk, fields: dict[str, str]) -> None:
    assert packer.post("/staff/packing/chosen", **fields).status_code == 422
    assert set(_parcels(db).values()) == {ParcelState.OPEN}


def test_choices_lead_on(sold: Shop, packer: Desk) -> None:
    slips = packer.post("/staff/packing/chosen", do="slips", order=["1", "2"], paper="a4")
    assert slips.location == "/staff/packing/slips.pdf?order=1&order=2&paper=a4"
    ship = packer.post("/staff/packing/chosen", do="ship", order=["1", "2"])
    assert ship.location == "/staff/packing/ship?order=1&order=2"
    page = packer.get("/staff/packing/ship", order=[1, 2]).text
    assert page.count("checked") == 2


def test_ship_one(db: Database, sold: Shop, packer: Desk) -> None:
    answer = packer.post("/staff/orders/1/ship", carrier="DHL", tracking="00340434161094000000")
    assert (answer.status_code, answer.location) == (303, "/staff/orders/1")
    assert _parcels(db)[1] is ParcelState.SENT
    [(carrier, tracking, url)] = _shipments(db)
    assert (carrier, tracking) == ("DHL", "00340434161094000000")
    assert url.endswith("tracking-id=00340434161094000000")
    with reading(db) as session:
        moved = session.scalars(select(StockMovement).where(StockMovement.after == CopyState.SHIPPED)).all()
    assert {move.actor for move in moved} == {f"staff:{packer.staff_id}"}
    assert len(moved) == 2
    assert _shipped_mails(db) == 1
    assert [deed.detail for deed in deeds(db, "order.shipped")] == [{"number": "00001", "carrier": "DHL"}]


def test_shipping_twice_ships_once(db: Database, sold: Shop, packer: Desk) -> None:
    first = packer.post("/staff/orders/1/ship", carrier="DHL", tracking="1")
    again = packer.post("/staff/orders/1/ship", carrier="UPS", tracking="2")
    assert (first.status_code, again.status_code) == (303, 409)
    assert "already left" in again.text
    assert packer.post("/staff/orders/1/pack").status_code == 409
    assert [(carrier, tracking) for carrier, tracking, _ in _shipments(db)] == [("DHL", "1")]
    assert _shipped_mails(db) == 1
    assert len(deeds(db, "order.shipped")) == 1


def test_another_carrier_needs_a_name(db: Database, sold: Shop, packer: Desk) -> None:
    answer = packer.post("/staff/orders/1/ship", carrier="", other="", tracking="7")
    assert answer.status_code == 422
    assert 'value="7"' in answer.text  # what was typed is still there
    assert _shipments(db) == []
    assert packer.post("/staff/orders/1/ship", carrier="", other="Pigeon post").status_code == 303
    assert _shipments(db) == [("Pigeon post", "", "")]


def test_shipping_many_each_for_itself(db: Database, sold: Shop, packer: Desk) -> None:
    packer.post("/staff/orders/2/ship", carrier="DHL", tracking="before")
    fields = {
        "order": ["1", "2", "3", "4"], "tracking-1": "A 1", "tracking-3": "x" * 81, "tracking-4": "D4",
        **{f"carrier-{n}": "DPD" for n in (1, 2, 3, 4)},
    }  # fmt: skip
    answer = packer.post("/staff/packing/ship", **fields)
    assert answer.status_code == 422
    assert [(carrier, tracking) for carrier, tracking, _ in _shipments(db)] == [("DHL", "before"), ("DPD", "A 1")]
    assert "Shipped: № 00001." in answer.text
    for order_id, why in ((2, "already left"), (3, "at most 80"), (4, "not been captured")):
        assert why in answer.text.split(f'id="e-{order_id}"', 1)[1].split("</p>", 1)[0]
    assert 'value="D4"' in answer.text
    assert 'value="1"' not in answer.text.split("<tbody>", 1)[1]
    assert _shipped_mails(db) == 2
    again = packer.post("/staff/packing/ship", order=["3"], **{"carrier-3": "DPD", "tracking-3": "C3"})
    assert (again.status_code, again.location) == (303, "/staff/packing/ship")
    assert _parcels(db)[3] is ParcelState.SENT


def test_a_tracking_number_is_as_good_as_a_tick(db: Database, sold: Shop, packer: Desk) -> None:
    fields = {"carrier-3": "DHL", "tracking-1": "", "tracking-3": "C3", "tracking-zzz": "x"}
    assert packer.post("/staff/packing/ship", **fields).status_code == 303
    assert _parcels(db)[3] is ParcelState.SENT
    assert _parcels(db)[1] is ParcelState.OPEN


def test_what_is_packed_is_ticked_with_one_key(sold: Shop, packer: Desk) -> None:
    packer.post("/staff/packing/chosen", do="pack", order=["1", "3"])
    boxes = re.compile(r'name="order" value="(\d+)"[^>]* checked')
    page = packer.get("/staff/packing/ship").text
    assert (boxes.findall(page), 'name="tick" value="all" data-key="m"' in page) == ([], True)
    page = packer.get("/staff/packing/ship", tick="all").text
    assert (sorted(boxes.findall(page)), "Tick none" in page) == (["1", "3"], True)
    chosen = packer.get("/staff/packing/ship", order="1").text
    assert (boxes.findall(chosen), "Tick none" in chosen or "Tick all" in chosen) == (["1"], False)


def test_ticking_all_keeps_what_was_typed_and_ships_nothing(db: Database, sold: Shop, packer: Desk) -> None:
    packer.post("/staff/packing/chosen", do="pack", order=["1", "3"])
    typed = {"tracking-1": "A 1", "carrier-1": "DPD", "tracking-3": "", "carrier-3": "DHL", "other": "Owl", "tracking-x": "?"}
    for tick, checked in (("all", ["1", "3"]), ("none", [])):
        answer = packer.post("/staff/packing/ship", tick=tick, order="3", **typed)
        assert answer.status_code == 200
        assert sorted(re.findall(r'name="order" value="(\d+)"[^>]* checked', answer.text)) == checked
        assert 'name="tracking-1" value="A 1"' in answer.text
        assert answer.text.count("<option selected>DPD</option>") == 1
        assert 'value="Owl"' in answer.text
        assert "could not be sent off" not in answer.text
    assert _parcels(db)[1] is ParcelState.PACKED


def test_anothers_order_in_a_batch(db: Database, sold: Shop, stranger: Desk) -> None:
    answer = stranger.post("/staff/packing/ship", order=["1"], **{"carrier-1": "DHL", "tracking-1": "1"})
    assert answer.status_code == 422
    assert "00001" not in answer.text
    stranger.post("/staff/packing/chosen", do="pack", order=["1"])
    assert "00001" not in stranger.get("/staff/packing").text
    assert _parcels(db)[1] is ParcelState.OPEN


def test_slips_are_one_pdf(sold: Shop, packer: Desk) -> None:
    answer = packer.get("/staff/packing/slips.pdf")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-1.")
    assert len(re.findall(rb"/Type /Page\b", answer.data)) == 3
    assert packer.get("/staff/packing/slips.pdf", order=[1], paper="a4").data.count(b"[0 0 595.28 841.89]") >= 1
    assert packer.get("/staff/packing/slips.pdf", paper="a0").status_code == 422
    assert packer.get("/staff/packing/slips.pdf", order=["x"]).status_code == 422
    assert packer.get("/staff/packing/slips.pdf", order=[99]).status_code == 404


def test_slips_turn_to_the_fonts_of_the_operator(db: Database, clock: StoppedClock, sold: Shop, tmp_path: Path) -> None:
    shutil.copy(FONTS / "DejaVuSans-Bold.ttf", tmp_path)
    with transaction(db) as session:
        session.get_one(Order, 1).name = "𝗔𝗱𝗮"  # letters that the bold font has, and the plain one does not
    for settings, shown in (({}, False), ({"fonts_dir": tmp_path}, True)):
        desk = sit_down(make_app(db, clock, **settings), db, sold.label_id, Role.PACKER)
        assert ("𝗔𝗱𝗮" in words(desk.get("/staff/packing/slips.pdf", order=[1]).data)) is shown


def test_nothing_to_pack(shop: Shop, packer: Desk) -> None:
    assert "Nothing to pack." in packer.get("/staff/packing").text
    assert "Nothing to ship." in packer.get("/staff/packing/ship").text
    assert packer.get("/staff/packing/slips.pdf").status_code == 404


def test_shipped_copies_are_sold(db: Database, sold: Shop, packer: Desk) -> None:
    packer.post("/staff/orders/1/ship", carrier="DHL", tracking="1")
    with reading(db) as session:
        assert stock(session, [sold.run_id])[sold.run_id].copies == "sssssaaaaa"

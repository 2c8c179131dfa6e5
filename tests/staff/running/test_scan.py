"""Packing by scanning, as the forms do it: two scans pack a parcel, a wrong copy is refused with the place it belongs to."""

import re

import pytest
from sqlalchemy import select

from app.catalogue.models import Label, Run
from app.checkout.take import Fan
from app.fulfilment.models import PackedCopy, Parcel, ParcelState
from app.inventory.codes import code_of
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from app.reports import copy_stickers
from tests.builders import disputed, open_drop, paid_order
from tests.cast import Person
from tests.fulfilment.pdf_words import pages, words
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds

SCAN = "/staff/packing/scan"


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Order 1 with copies 1 and 2, order 2 with copy 3; both paid."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    paid_order(db, shop.drop_id, {shop.run_id: 1}, Person("Guest", "guest@example.org", Fan("guest", "")))
    return shop


def _code(db: Database, number: int) -> str:
    with reading(db) as session:
        return code_of(session.scalars(select(Copy.id).where(Copy.number == number)).one())


def _slip(order_id: int) -> str:
    return f"https://shop.example/staff/orders/{order_id}"


def _scan(desk: Desk, code: str, at: str = SCAN) -> str:
    """Scan a code on the page at this address; the address that follows."""
    page = desk.get(at).text
    # Both fields stand on every page of the scan, filled or not.
    copy, parcel = (re.search(rf'name="{name}" value="(\d*)"', page)[1] for name in ("copy", "parcel"))  # type: ignore[index]
    answer = desk.post(SCAN, code=code, copy=copy, parcel=parcel)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def _states(db: Database) -> list[ParcelState]:
    with reading(db) as session:
        return list(session.scalars(select(Parcel.state).order_by(Parcel.order_id)))


def test_two_scans_pack_a_parcel_of_one(db: Database, sold: Shop, packer: Desk) -> None:
    waits = _scan(packer, _code(db, 3))
    assert "Now its parcel" in packer.get(waits).text
    done = _scan(packer, _slip(2), waits)
    for _ in range(2):  # reloading does nothing twice
        page = packer.get(done).text
        assert ("Packed: № 00002" in page, 'data-tone="packed"' in page) == (True, True)
    assert _states(db) == [ParcelState.OPEN, ParcelState.PACKED]
    assert [deed.entity_id for deed in deeds(db, "order.packed")] == [2]
    assert "Packed already: № 00002" in packer.get(_scan(packer, _slip(2))).text


def test_the_parcel_first_and_then_each_copy(db: Database, sold: Shop, packer: Desk) -> None:
    at = _scan(packer, _slip(1))
    at = _scan(packer, _code(db, 2), at)
    assert "In. One more copy" in packer.get(at).text
    at = _scan(packer, _code(db, 2), at)
    assert "was in there already" in packer.get(at).text
    at = _scan(packer, _code(db, 1), at)
    assert "Packed: № 00001" in packer.get(at).text
    assert _states(db) == [ParcelState.PACKED, ParcelState.OPEN]


def test_typed_codes_work_too(db: Database, sold: Shop, packer: Desk) -> None:
    at = _scan(packer, "TAPE-001 3")
    _scan(packer, "№ 00002", at)
    assert _states(db) == [ParcelState.OPEN, ParcelState.PACKED]


@pytest.mark.parametrize("typed", ["https>&&shop.example&staff&orders&2", "httpsÖ--shop.example-staff-orders-2", "00002"])
def test_a_scanner_with_another_keyboard_is_understood(db: Database, sold: Shop, packer: Desk, typed: str) -> None:
    assert _scan(packer, typed) == f"{SCAN}?parcel=2"


def test_a_wrong_copy_is_refused_with_the_place_it_belongs_to(db: Database, sold: Shop, packer: Desk) -> None:
    answer = packer.post(SCAN, code=_code(db, 3), parcel="1")
    assert (answer.status_code, 'data-tone="wrong"' in answer.text) == (409, True)
    assert "Stop. Wrong parcel" in answer.text
    assert re.search(r"№ 03/10 belongs into parcel № 00002, Ada Lovelace\.", answer.text)
    assert 'name="parcel" value="1"' in answer.text  # the parcel is still before them
    nobodys = packer.post(SCAN, code=_code(db, 7))
    assert (nobodys.status_code, "№ 07/10 belongs into no parcel: it is free" in nobodys.text) == (409, True)
    with reading(db) as session:
        assert session.scalars(select(PackedCopy.copy_id)).all() == []


def test_what_must_stay_here_is_refused_with_the_reason(db: Database, sold: Shop, packer: Desk) -> None:
    disputed(db, 2)
    for code in (_code(db, 3), _slip(2)):
        answer = packer.post(SCAN, code=code)
        assert (answer.status_code, "disputes this payment" in answer.text) == (409, True)


def test_what_waits_for_a_second_person_stays_out(db: Database, sold: Shop, manager: Desk, packer: Desk) -> None:
    with transaction(db) as session:
        session.get_one(Label, sold.label_id).refund_limit = 0
    chosen = {"what": "parts", "copy-1": "1", "fate-1": "withdrawn", "words": "cracked"}
    check = manager.post("/staff/orders/1/refund/check", reason="so agreed", sent="0", **chosen).text
    [form] = [each for each in check.split("<form") if 'name="shown"' in each]
    asked = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    assert manager.client.post("/staff/orders/1/refund", data=asked).status_code == 303
    for code in (_code(db, 1), _slip(1)):
        answer = packer.post(SCAN, code=code)
        assert (answer.status_code, "waits for a second person" in answer.text) == (409, True)
    assert packer.post("/staff/copies/1/damaged", words="").status_code == 409


@pytest.mark.parametrize("code", ["C19", "hello", "https://shop.example/staff/orders/77", "TAPE-001 99", "№ 77"])
def test_what_is_nothing_of_ours_is_said_so(sold: Shop, packer: Desk, code: str) -> None:
    answer = packer.post(SCAN, code=code)
    assert (answer.status_code, "is no copy and no parcel of yours" in answer.text) == (404, True)
    assert "Stop. Unknown code" in answer.text


def test_another_labels_codes_mean_nothing(db: Database, sold: Shop, stranger: Desk) -> None:
    for code in (_code(db, 3), _slip(2), "TAPE-001 3", "№ 00002"):
        assert stranger.post(SCAN, code=code).status_code == 404
    assert stranger.post(f"{SCAN}/undo", copy="3", order="2").status_code == 404
    assert "Ada" not in stranger.get(SCAN, copy="3").text


def test_the_last_scan_is_undone(db: Database, sold: Shop, packer: Desk) -> None:
    done = _scan(packer, _slip(2), _scan(packer, _code(db, 3)))
    form = re.search(r'scan/undo.*?name="copy" value="(\d+)".*?name="order" value="(\d+)"', packer.get(done).text, re.DOTALL)
    assert form is not None
    answer = packer.post(f"{SCAN}/undo", copy=form[1], order=form[2])
    assert "is not in the parcel any more" in packer.get(answer.headers["Location"]).text
    assert _states(db) == [ParcelState.OPEN, ParcelState.OPEN]
    assert [deed.entity_id for deed in deeds(db, "order.scan_undone")] == [2]


def test_the_camera_may_be_used_there_and_nowhere_else(shop: Shop, packer: Desk) -> None:
    assert "camera=(self)" in packer.get(SCAN).headers["Permissions-Policy"]
    assert "camera=()" in packer.get("/staff/packing").headers["Permissions-Policy"]


def test_the_codes_are_printed_in_number_order(db: Database, sold: Shop, packer: Desk) -> None:
    with reading(db) as session:
        ids = list(session.scalars(select(Copy.id).where(Copy.run_id == sold.run_id).order_by(Copy.number)))
    answer = packer.get(f"/staff/runs/{sold.run_id}/codes.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    printed = words(answer.data)
    assert [word for word in printed if word.startswith("№")] == [f"№ {number:02d}" for number in range(1, 11)]
    assert [word for word in printed if word.startswith("C")] == [code_of(id_) for id_ in ids]


def test_a_big_run_is_printed_in_parts(db: Database, shop: Shop, packer: Desk) -> None:
    _, run_id = open_drop(db, size=400)
    with reading(db) as session:
        run = session.get_one(Run, run_id)
        assert [len(copy_stickers.stickers(session, run, page)) for page in (1, 2, 3)] == [360, 40, 0]
        assert copy_stickers.bundles(session, run_id) == 2
    assert packer.get(f"/staff/runs/{run_id}/codes.pdf").status_code == 404  # another label's
    assert packer.get(f"/staff/runs/{shop.run_id}/codes.pdf", page="2").status_code == 404
    assert pages(packer.get(f"/staff/runs/{shop.run_id}/codes.pdf").data) == 1


def test_three_actions_from_paid_to_shipped(db: Database, sold: Shop, packer: Desk) -> None:
    _scan(packer, _slip(2), _scan(packer, _code(db, 3)))
    assert packer.post("/staff/packing/ship", order="2", **{"carrier-2": "DHL"}).status_code == 303
    assert _states(db) == [ParcelState.OPEN, ParcelState.SENT]
    late = packer.post(SCAN, code=_code(db, 3), parcel="2")
    assert (late.status_code, "has already left" in late.text) == (409, True)


def test_what_is_packed_leaves_from_here(db: Database, sold: Shop, packer: Desk) -> None:
    done = _scan(packer, _slip(2), _scan(packer, _code(db, 3)))
    page = packer.get(done).text
    assert 'name="order" value="2"' in page
    assert "Ship it and tell the fan" in page
    answer = packer.post(f"{SCAN}/ship", order="2", carrier="DHL", tracking="003400001234")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SCAN}?sent=2")
    said = packer.get(f"{SCAN}?sent=2").text
    assert ("On its way: № 00002" in said, "DHL 003400001234" in said) == (True, True)
    assert _states(db) == [ParcelState.OPEN, ParcelState.SENT]
    assert [deed.entity_id for deed in deeds(db, "order.shipped")] == [2]
    twice = packer.post(f"{SCAN}/ship", order="2", carrier="DHL", tracking="003400009999")
    assert (twice.status_code, "already left" in twice.text, 'data-tone="wrong"' in twice.text) == (409, True, True)


def test_it_does_not_leave_half_filled_or_unnamed(db: Database, sold: Shop, packer: Desk) -> None:
    at = _scan(packer, _code(db, 1), _scan(packer, _slip(1)))
    assert "Ship it and tell the fan" not in packer.get(at).text
    assert packer.post(f"{SCAN}/ship", order="1", carrier="", tracking="12").status_code == 422
    assert _states(db) == [ParcelState.OPEN, ParcelState.OPEN]
    assert "On its way" not in packer.get(f"{SCAN}?sent=1").text

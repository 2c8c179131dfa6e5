"""A run copy by copy; withdrawing a copy and putting it back."""

from sqlalchemy import select

from app.catalogue.models import Label
from app.inventory import stocktake
from app.inventory.models import Copy, StockMovement
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from tests.builders import make_release, make_run, paid_order, take_some
from tests.cast import BEN, NOW, SAM
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds


def _copy(db: Database, run_id: int, number: int) -> Copy:
    with reading(db) as session:
        return session.scalars(select(Copy).where(Copy.run_id == run_id, Copy.number == number)).one()


def test_every_copy_with_its_owner(db: Database, shop: Shop, packer: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    take_some(db, shop.drop_id, {shop.run_id: 1}, BEN)
    page = packer.get(f"/staff/runs/{shop.run_id}/stock").text
    assert page.count('href="/staff/orders/1"') == 2
    assert "hold until 20:10" in page
    assert "7 free" in page
    held = packer.get(f"/staff/runs/{shop.run_id}/stock?state=held").text
    assert held.count("/staff/copies/") == 1
    assert packer.get(f"/staff/runs/{shop.run_id}/stock?state=x").status_code == 422


def test_the_reserve_is_free_but_not_for_sale(db: Database, shop: Shop, packer: Desk) -> None:
    at = f"/staff/runs/{shop.run_id}/stock"
    assert "the reserve" not in packer.get(at).text
    with transaction(db) as session:
        stocktake.press_reserve(session, shop.run_id, 3, NOW, SAM)
    assert "3 of the free copies are the reserve" in packer.get(at).text
    assert "the reserve" not in packer.get(f"{at}?state=held").text


def test_a_long_run_has_pages(db: Database, shop: Shop, packer: Desk) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, session.get_one(Label, shop.label_id)), size=250)
        run_id = run.id
    for page, copies in ((1, 100), (3, 50), (99, 50)):
        found = packer.get(f"/staff/runs/{run_id}/stock?page={page}")
        assert found.text.count("/staff/copies/") == copies
    assert "page 3 of 3, 250 copies" in found.text
    assert packer.get(f"/staff/runs/{run_id}/stock?page=-1").status_code == 422


def test_withdraw_and_put_back(db: Database, shop: Shop, manager: Desk) -> None:
    copy = _copy(db, shop.run_id, 4)
    answer = manager.post(f"/staff/copies/{copy.id}/withdraw", reason="damaged", words="shell is cracked")
    assert (answer.status_code, answer.location) == (303, f"/staff/copies/{copy.id}")
    assert _copy(db, shop.run_id, 4).state is CopyState.WITHDRAWN
    page = manager.get(f"/staff/copies/{copy.id}").text
    assert "damaged: shell is cracked" in page
    assert "Sam 0" in page
    [deed] = deeds(db, "copy.withdrawn")
    assert (deed.entity_id, deed.staff_id, deed.label_id, deed.detail) == (
        copy.id, manager.staff_id, shop.label_id, {"reason": "damaged", "number": 4},
    )  # fmt: skip
    assert manager.post(f"/staff/copies/{copy.id}/put-back", words="glued").status_code == 303
    assert _copy(db, shop.run_id, 4).state is CopyState.AVAILABLE
    assert len(deeds(db, "copy.put_back")) == 1
    with reading(db) as session:
        moves = session.scalars(select(StockMovement).where(StockMovement.copy_id == copy.id).order_by(StockMovement.id)).all()
    assert [(move.actor, move.reason) for move in moves[1:]] == [
        (f"staff:{manager.staff_id}", "damaged: shell is cracked"),
        (f"staff:{manager.staff_id}", "glued"),
    ]


def test_what_belongs_to_somebody_stays_theirs(db: Database, shop: Shop, manager: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1})
    take_some(db, shop.drop_id, {shop.run_id: 1}, BEN)
    for number, state in ((1, CopyState.ALLOCATED), (2, CopyState.HELD)):
        copy = _copy(db, shop.run_id, number)
        answer = manager.post(f"/staff/copies/{copy.id}/withdraw", reason="lost")
        assert answer.status_code == 409
        assert f"This copy is {state}" in answer.text
        assert _copy(db, shop.run_id, number).state is state
    free = _copy(db, shop.run_id, 5)
    assert manager.post(f"/staff/copies/{free.id}/put-back", words="never gone").status_code == 409
    assert deeds(db, "copy.withdrawn") + deeds(db, "copy.put_back") == []


def test_a_reason_is_needed(db: Database, shop: Shop, manager: Desk) -> None:
    copy = _copy(db, shop.run_id, 4)
    for fields in (
        {},
        {"reason": "stolen"},
        {"reason": "other"},
        {"reason": "lost", "words": "x" * 201},
        {"reason": "lost", "words": "a\0"},
    ):
        assert manager.post(f"/staff/copies/{copy.id}/withdraw", **fields).status_code == 422
    assert _copy(db, shop.run_id, 4).state is CopyState.AVAILABLE

"""Discount codes at the desk: making them, what a use settles, ending them, and the way to their orders."""

from datetime import timedelta

from sqlalchemy import select

from app.kernel.db import Database, reading
from app.orders.models import CodeKind, DiscountCode, DiscountRun
from tests.builders import make_code, open_attempt, paid_order, take_with_details
from tests.cast import BEN, NOW
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat

FORM = {"code": "spring-26", "kind": "percent", "percent": "15", "for": "every"}


def _codes(db: Database) -> list[DiscountCode]:
    with reading(db) as session:
        return list(session.scalars(select(DiscountCode).order_by(DiscountCode.id)))


def _runs(db: Database) -> list[int]:
    with reading(db) as session:
        return list(session.scalars(select(DiscountRun.run_id)))


def test_making_one(db: Database, shelf: Shelf, manager: Seat) -> None:
    path = f"/staff/labels/{shelf.label}/codes"
    answer = manager.post(path, {**FORM, "ends_at": "2026-12-24T20:00", "most_uses": "50", "once_per_fan": "1"})
    assert answer.status_code == 303
    [code] = _codes(db)
    assert (code.code, code.kind, code.value, code.most_uses, code.once_per_fan, code.every_run) == (
        "SPRING-26", CodeKind.PERCENT, 15, 50, True, True,
    )  # fmt: skip
    assert code.ends_at is not None
    assert code.ends_at.isoformat() == "2026-12-24T19:00:00+00:00"
    listed = manager.get("/staff/codes").text
    assert "SPRING-26" in listed
    assert "15 %" in listed
    again = manager.post(path, {**FORM, "code": "Spring-26"})
    assert (again.status_code, len(_codes(db))) == (422, 1)
    assert "has had that code before" in again.text


def test_an_amount_for_some_runs(db: Database, shelf: Shelf, manager: Seat) -> None:
    path = f"/staff/labels/{shelf.label}/codes"
    some = {**FORM, "kind": "amount", "amount": "5.50", "for": "some"}
    assert "Choose at least one run" in manager.post(path, some).text
    assert manager.post(path, {**some, "run": "4711"}).status_code == 422
    assert manager.post(path, {**some, "run": "9" * 5000}).status_code == 422
    assert manager.post(path, {**some, "run": str(shelf.run)}).status_code == 303
    assert ([(code.value, code.every_run) for code in _codes(db)], _runs(db)) == ([(550, False)], [shelf.run])


def test_what_is_wrong_is_said_beside_its_field(db: Database, shelf: Shelf, manager: Seat) -> None:
    wrong = {**FORM, "code": "abc", "percent": "101", "begins_at": "2026-12-24T20:00", "ends_at": "2026-12-24T20:00"}
    answer = manager.post(f"/staff/labels/{shelf.label}/codes", wrong)
    assert answer.status_code == 422
    assert "A whole number from 1 to 100." in answer.text
    answer = manager.post(f"/staff/labels/{shelf.label}/codes", {**wrong, "percent": "10"})
    assert "Four to thirty letters" in answer.text
    assert "It must end after it begins." in answer.text
    assert _codes(db) == []


def test_a_use_settles_what_it_takes_off(db: Database, shelf: Shelf, manager: Seat) -> None:
    code = make_code(db, shelf.label, "SPRING", most_uses=5)
    order = paid_order(db, shelf.drop, {shelf.run: 1}, code="SPRING")
    open_attempt(db, take_with_details(db, shelf.drop, {shelf.run: 1}, BEN, code="SPRING").id)
    page = manager.get(f"/staff/codes/{code}").text
    assert f"/staff/orders/{order.id}" in page
    assert "2 uses" in page
    assert "of which 1 is being paid right now" in page
    answer = manager.post(f"/staff/codes/{code}", {**FORM, "most_uses": "1"})
    assert "It is used 2 times already." in answer.text
    assert manager.post(f"/staff/codes/{code}", {**FORM, "most_uses": "2"}).status_code == 303
    [after] = _codes(db)
    assert (after.code, after.kind, after.value, after.most_uses) == ("SPRING", CodeKind.AMOUNT, 500, 2)
    assert "used up" in manager.get("/staff/codes").text
    assert "Code SPRING" in manager.get(f"/staff/orders/{order.id}").text


def test_before_the_first_use_all_may_change(db: Database, shelf: Shelf, manager: Seat) -> None:
    code = make_code(db, shelf.label, "SPRING")
    assert manager.post(f"/staff/codes/{code}", FORM).status_code == 303
    [after] = _codes(db)
    assert (after.code, after.kind, after.value) == ("SPRING-26", CodeKind.PERCENT, 15)


def test_ending_one(db: Database, shelf: Shelf, manager: Seat) -> None:
    code = make_code(db, shelf.label, "SPRING", ends_at=NOW + timedelta(days=9))
    page = manager.get(f"/staff/codes/{code}").text
    assert ("End it" in page, 'data-key="x"' in page) == (True, False)  # it cannot be undone: no single key does it
    assert manager.post(f"/staff/codes/{code}/end").status_code == 303
    assert _codes(db)[0].ended_at == NOW
    assert manager.post(f"/staff/codes/{code}", FORM).status_code == 409
    assert "This code is over." in manager.get(f"/staff/codes/{code}").text

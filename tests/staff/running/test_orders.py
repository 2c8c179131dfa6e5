"""The list of orders, one order's page, and putting a mistyped address right."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select

from app.checkout.take import Fan
from app.kernel.cells import safe
from app.kernel.db import Database, reading, transaction
from app.kernel.outbox import Job
from app.orders.models import Order
from app.reports import order_list
from app.reports.order_csv import HEADS
from app.web.links import order_link
from tests.builders import open_attempt, paid_order, settle_as, take_with_details
from tests.cast import ADA, BEN, TOKENS, Person
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds


def _order(db: Database, order_id: int = 1) -> Order:
    with reading(db) as session:
        return session.get_one(Order, order_id)


def _confirmations(db: Database) -> list[tuple[str, dict[str, int]]]:
    with reading(db) as session:
        jobs = session.scalars(select(Job).where(Job.kind == "mail.confirmed").order_by(Job.id))
        return [(job.key, job.payload) for job in jobs]


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Ada's paid order 1 with copies 1 and 2, Ben's unpaid order 2 with copy 3."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    settle_as(db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}, BEN).id))
    return shop


def test_the_list_by_stage_and_search(sold: Shop, packer: Desk) -> None:
    whole = packer.get("/staff/orders").text
    assert whole.index("№ 00002") < whole.index("№ 00001")
    for query, found in [
        ({"stage": "to-pack"}, {1}), ({"stage": "unpaid"}, {2}), ({"stage": "shipped"}, set()), ({"drop": sold.drop_id}, {1, 2}),
        ({"q": "00002"}, {2}), ({"q": "№ 1"}, {1}), ({"q": "ADA@example"}, {1}), ({"q": "lovelace"}, {1, 2}),
        ({"q": "TAPE-001 3"}, {2}), ({"q": "tape-001 № 002/10"}, {1}), ({"q": "TAPE-001 9"}, set()), ({"q": "1 2"}, set()),
    ]:  # fmt: skip
        page = packer.get("/staff/orders", **query).text
        assert {n for n in (1, 2) if f'href="/staff/orders/{n}"' in page} == found, query


def test_a_page_keeps_its_place_while_orders_come_in(
    db: Database, shop: Shop, packer: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_list, "PAGE", 2)
    for n in range(5):
        paid_order(db, shop.drop_id, {shop.run_id: 1}, _guest(n))
    assert "1–2 of 5" in packer.get("/staff/orders").text
    second = packer.get("/staff/orders", before=4).text
    assert "3–4 of 5" in second
    assert "before=2" in second
    assert "after=3" in second
    paid_order(db, shop.drop_id, {shop.run_id: 1}, _guest(5))
    again = packer.get("/staff/orders", before=4).text
    assert "4–5 of 6" in again
    assert [f'href="/staff/orders/{n}"' in again for n in (1, 2, 3, 4)] == [False, True, True, False]
    assert "2–3 of 6" in packer.get("/staff/orders", after=3).text


def _guest(n: int) -> Person:
    return Person(f"Guest {n}", f"guest{n}@example.org", Fan(f"guest-cookie-{n}", ""))


def test_the_page_tells_the_whole_story(app: Flask, db: Database, sold: Shop, manager: Desk) -> None:
    page = manager.get("/staff/orders/1").text
    with app.app_context():
        assert order_link(_order(db)) in page
    for words in ("copies held", "went to pay", "€49.95 authorised", "order № 00001 placed", "payment captured",
                  "confirmation queued", "Prüfweg 1", "ada@example.org", "pi_1"):  # fmt: skip
        assert words in page, words
    assert page.index("payment captured") < page.index("copies held")  # newest first
    unpaid = manager.get("/staff/orders/2").text
    assert "Not paid yet." in unpaid
    assert "It leaves" not in unpaid


def test_correcting_an_address(app: Flask, db: Database, sold: Shop, manager: Desk) -> None:
    before = _order(db)
    assert manager.post("/staff/orders/1/email", email=" Ada.Lovelace@Example.NET ").status_code == 303
    after = _order(db)
    assert (after.email, after.email_key) == ("Ada.Lovelace@example.net", "ada.lovelace@example.net")
    assert after.generation == before.generation + 1
    assert _confirmations(db) == [("mail.confirmed:1", {"order": 1}), ("mail.confirmed:1:1", {"order": 1, "again": 1})]
    [deed] = deeds(db, "order.email_corrected")
    assert deed.detail == {"number": "00001"}  # never the address
    old, new = TOKENS.make("order", 1, before.generation), TOKENS.make("order", 1, after.generation)
    fan = app.test_client()
    assert (fan.get(f"/orders/{old}").status_code, fan.get(f"/orders/{new}").status_code) == (404, 200)


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a b@example.org", "ada@example.org\nBcc: eve@example.org", "x" * 300])
def test_what_is_no_address(db: Database, sold: Shop, manager: Desk, email: str) -> None:
    answer = manager.post("/staff/orders/1/email", email=email)
    assert answer.status_code == 422
    assert "<form" in answer.text
    assert _order(db).email == ADA.email
    assert len(_confirmations(db)) == 1
    assert deeds(db, "order.email_corrected") == []


def test_the_same_address_is_no_correction(db: Database, sold: Shop, manager: Desk) -> None:
    assert manager.post("/staff/orders/1/email", email=ADA.email).status_code == 409
    assert (_order(db).generation, len(_confirmations(db))) == (1, 1)


def test_only_sending_again(db: Database, sold: Shop, manager: Desk) -> None:
    assert manager.post("/staff/orders/1/confirm-again").status_code == 303
    assert manager.post("/staff/orders/1/confirm-again").status_code == 303  # one waits already
    assert [key for key, _ in _confirmations(db)] == ["mail.confirmed:1", "mail.confirmed:1:1"]
    assert len(deeds(db, "order.confirmation_sent_again")) == 1
    assert _order(db).generation == 1


EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", '"a","b"', "  =1", "＝1"]


@pytest.mark.parametrize("name", EVIL)
def test_no_cell_is_a_formula(db: Database, sold: Shop, manager: Desk, name: str) -> None:
    with transaction(db) as session:
        session.get_one(Order, 1).name = name
        session.get_one(Order, 1).note = f"two\r\nlines, {name}"
    answer = manager.get("/staff/orders/export.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="orders-2026-11-27.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"), newline="")))
    assert tuple(rows[0]) == HEADS
    assert [row["number"] for row in rows] == ["00001", "00002"]
    cell = rows[0]["name"]
    assert cell == safe(name)
    assert cell.removeprefix("'") == name
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))
    assert (rows[0]["total"], rows[0]["currency"], rows[0]["copies"]) == ("49.95", "EUR", "TAPE-001 № 01, 02")
    assert rows[0]["note"] == f"two\r\nlines, {name}"


def test_the_export_follows_the_list_and_is_noted(db: Database, sold: Shop, manager: Desk) -> None:
    text = manager.get("/staff/orders/export.csv", stage="unpaid").get_data(as_text=True)
    assert "00002" in text
    assert "00001" not in text
    [deed] = deeds(db, "orders.exported")
    assert deed.detail == {"orders": 1, "stage": "unpaid"}

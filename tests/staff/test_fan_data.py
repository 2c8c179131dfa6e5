"""The desk reads, hands out and erases on a fan's behalf, keeps to its own rule, and takes its customers along."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import AuditEntry, StaffSession
from app.accounts.roles import Role
from app.catalogue.models import Label
from app.checkout import aside
from app.drops.models import Drop
from app.fulfilment.models import Shipment
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments.states import RefundState
from app.privacy import retention
from app.privacy.models import Erasure, ErasureOrigin
from app.privacy.retention import Keep, Rule
from tests.builders import BERLIN, make_drop, make_release, make_run, paid_order, refunded_elsewhere
from tests.cast import ADA, BEN, NOW, StoppedClock
from tests.privacy.people import close, later, letters_go, noted_order
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat


@pytest.fixture
def bought(db: Database, shelf: Shelf) -> tuple[int, int]:
    """Ada's sent order at the shelf's label: the ids of hold and order."""
    with transaction(db) as session:
        run = make_run(session, make_release(session, session.get_one(Label, shelf.label)), size=5)
        drop = make_drop(session, [run])
        ids = drop.id, run.id
    order = noted_order(db, *ids)
    close(db, ids[0])
    letters_go(db, NOW)
    return order.hold_id, order.id


def deeds(db: Database, deed: str) -> list[AuditEntry]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.deed == deed).order_by(AuditEntry.id)))


def test_the_desk_hands_out_what_is_held_and_notes_it(db: Database, owner: Seat, bought: tuple[int, int], shelf: Shelf) -> None:
    hold, _ = bought
    page = owner.get(f"/staff/fans/{hold}/data")
    assert "ada@example.org" in page.text
    assert "pi_1" in page.text
    assert deeds(db, "fan.exported") == []
    file = owner.post(f"/staff/fans/{hold}/data.json")
    assert json.loads(file.text)["labels"][0]["orders"][0]["address"]["name"] == "Ada Lovelace"
    [noted] = deeds(db, "fan.exported")
    assert (noted.entity, noted.entity_id, noted.detail) == ("hold", hold, {"orders": 1})


def test_the_desk_erases_for_a_fan(db: Database, owner: Seat, bought: tuple[int, int]) -> None:
    hold, order = bought
    assert owner.post(f"/staff/fans/{hold}/erase").status_code == 303
    with reading(db) as session:
        erasure = session.scalars(select(Erasure)).one()
        assert (erasure.origin, erasure.staff_id, erasure.email) == (ErasureOrigin.DESK, owner.staff_id, ADA.email)
    [noted] = deeds(db, "fan.erasure_asked")
    assert noted.detail == {"hold": hold}
    assert "This is under way." in owner.get(f"/staff/fans/{hold}/data").text
    later(db)
    with reading(db) as session:
        assert session.get_one(Order, order).name == ""
    assert owner.get(f"/staff/fans/{hold}/data").status_code == 409
    assert "The fan was erased." in owner.get(f"/staff/orders/{order}").text
    for page in (f"/staff/orders/{order}", f"/staff/fans/{hold}", "/staff/orders", f"/orders/{order}"):
        assert owner.get(page).status_code in {200, 404}
        assert "Lovelace" not in owner.get(page).text


def test_who_said_who_they_are_long_ago_is_asked_again(
    db: Database, owner: Seat, bought: tuple[int, int], clock: StoppedClock, shelf: Shelf
) -> None:
    hold, _ = bought
    for minutes in (20, 20):  # a desk that is used does not fall asleep
        clock.forward(minutes=minutes)
        owner.get("/staff/orders")
    fans, keeping = f"/staff/fans/{hold}", f"/staff/labels/{shelf.label}/keeping"
    for path in (f"{fans}/erase", f"{fans}/data.json", "/staff/customers.csv", keeping):
        answer = owner.post(path, {"label": shelf.label})
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/staff/again"), path
    with reading(db) as session:
        assert session.scalars(select(Erasure)).all() == []
    letters_go(db, NOW)


def test_the_file_of_orders_asks_again_too(db: Database, owner: Seat, bought: tuple[int, int], clock: StoppedClock) -> None:
    """From its link, and from the list's ticks; what carriers need of parcels that leave now does not ask."""
    list_ = "/staff/orders?stage=shipped"
    for minutes in (20, 20):
        clock.forward(minutes=minutes)
        owner.get("/staff/orders")
    came_from = {"Referer": f"http://localhost{list_}"}
    again = "/staff/again?next=/staff/orders?stage%3Dshipped"
    link = owner.get("/staff/orders/export.csv", headers=came_from)
    assert (link.status_code, link.headers["Location"]) == (303, again)
    ticked = owner.post("/staff/orders/chosen", {"do": "export", "order": bought[1]}, headers=came_from)
    assert (ticked.status_code, ticked.headers["Location"]) == (303, again)
    assert _noted(db) == []
    assert owner.get("/staff/packing/parcel-slips/good.csv").status_code == 200
    with transaction(db) as session:
        session.execute(update(StaffSession).values(confirmed_at=clock.now()))  # they say it
    assert "Lovelace" in owner.get("/staff/orders/export.csv").text
    assert "Lovelace" in owner.post("/staff/orders/chosen", {"do": "export", "order": bought[1]}).text
    assert _noted(db) == ["orders.exported"] * 3  # that of the carrier too


def _noted(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).where(AuditEntry.deed == "orders.exported")))


def customers(seat: Seat, label: int) -> list[dict[str, str]]:
    """The file, read."""
    answer = seat.post("/staff/customers.csv", {"label": label})
    assert answer.status_code == 200
    text = answer.get_data(as_text=True).removeprefix("\ufeff")
    answer.close()
    return list(csv.DictReader(io.StringIO(text)))


def test_customers_are_a_line_each(db: Database, owner: Seat, bought: tuple[int, int], shelf: Shelf) -> None:
    _, order_id = bought
    with transaction(db) as session:
        order = session.get_one(Order, order_id)
        drop, run = order.drop_id, order.lines[0].run_id
        order.name = "=HYPERLINK(1)"
        session.get_one(Drop, drop).closed_at = None
    ben = paid_order(db, drop, {run: 2}, BEN)
    paid_order(db, drop, {run: 1}, ADA, NOW + timedelta(days=3))
    refunded_elsewhere(db, ben.id, 500, RefundState.SUCCEEDED)
    letters_go(db, NOW)
    found = {row["email"]: row for row in customers(owner, shelf.label)}
    assert list(found) == [BEN.email, ADA.email]
    ada, bens = found[ADA.email], found[BEN.email]
    assert (ada["orders"], ada["spent"], ada["first_order"], ada["last_order"]) == ("2", "51.90", "2026-11-27", "2026-11-30")
    assert (bens["orders"], bens["spent"], bens["country"], bens["currency"]) == ("1", "44.95", "DE", "EUR")
    with transaction(db) as session:
        session.get_one(Order, ben.id).name = "=HYPERLINK(1)"
    assert {row["name"] for row in customers(owner, shelf.label)} == {"'=HYPERLINK(1)", "Ada Lovelace"}
    assert [entry.detail for entry in deeds(db, "customers.exported")] == [{"customers": 2}, {"customers": 2}]


def test_an_erased_customer_is_in_no_file(db: Database, owner: Seat, bought: tuple[int, int], shelf: Shelf) -> None:
    assert len(customers(owner, shelf.label)) == 1
    owner.post(f"/staff/fans/{bought[0]}/erase")
    later(db)
    assert customers(owner, shelf.label) == []
    assert "Nobody has bought yet." in owner.get("/staff/customers").text


def test_a_packer_sees_no_link_to_what_they_may_not(seat_of: Callable[[Role], Seat], bought: tuple[int, int]) -> None:
    page = seat_of(Role.PACKER).get(f"/staff/fans/{bought[0]}")
    assert page.status_code == 200
    assert "/data" not in page.text


def test_shorter_is_shown_before_it_is_kept(db: Database, owner: Seat, bought: tuple[int, int], shelf: Shelf) -> None:
    path = f"/staff/labels/{shelf.label}/keeping"
    assert "Nothing is erased by age yet." in owner.get(path).text
    with transaction(db) as session:
        for sent in session.scalars(select(Shipment)):
            sent.sent_at = NOW - timedelta(days=400)
    form = {"unpaid": "3", "reminders": "1", "addresses": "12", "names": "", "events": "", "accounts_years": "10"}
    shown = owner.post(path, form)
    assert shown.status_code == 200
    assert "addresses of 1 orders" in shown.text
    with reading(db) as session:
        assert retention.rule_of(session, shelf.label) is None
    assert owner.post(path, {**form, "sure": "1"}).status_code == 303
    with reading(db) as session:
        kept = retention.rule_of(session, shelf.label)
    months = {Keep.UNPAID: 3, Keep.REMINDERS: 1, Keep.ADDRESSES: 12, Keep.NAMES: None, Keep.EVENTS: None}
    assert kept == Rule(months, 10, accounts_names=False)
    assert owner.post(path, {**form, "addresses": "24"}).status_code == 303  # longer is not asked about
    [first, second] = deeds(db, "label.keeping_decided")
    assert (first.detail["addresses"], second.detail["addresses"]) == (12, 24)


@pytest.mark.parametrize("wrong", [{"unpaid": "0"}, {"names": "241"}, {"accounts_years": "31"}, {"addresses": "soon"}])
def test_a_rule_that_is_none_is_refused(db: Database, owner: Seat, shelf: Shelf, wrong: dict[str, str]) -> None:
    form = {"unpaid": "3", "reminders": "1", "addresses": "12", "names": "", "events": "", "accounts_years": "10", "sure": "1"}
    assert owner.post(f"/staff/labels/{shelf.label}/keeping", form | wrong).status_code == 422
    with reading(db) as session:
        assert retention.rule_of(session, shelf.label) is None


def test_by_what_was_given_away_the_desk_finds_all_of_a_fan(db: Database, owner: Seat, bought: tuple[int, int]) -> None:
    with transaction(db) as session:
        order = session.get_one(Order, bought[1])
        free = session.scalars(select(Copy).where(Copy.run_id == order.lines[0].run_id, Copy.state == CopyState.AVAILABLE)).first()
        assert free is not None
        asked = Asked("Ada", "a review", owner.staff_id, f"staff:{owner.staff_id}")
        hold = aside.hold_copy(session, free.id, asked, NOW + timedelta(hours=1), NOW)
        aside.give(session, hold.id, BERLIN, ADA.email, NOW)
        gift = hold.id
    letters_go(db, NOW)
    file = json.loads(owner.post(f"/staff/fans/{gift}/data.json").text)
    assert [each["number"] for each in file["labels"][0]["orders"]] == ["00001", "00002"]
    assert owner.post(f"/staff/fans/{gift}/erase").status_code == 303
    later(db)
    with reading(db) as session:
        assert session.get_one(Order, bought[1]).name == ""

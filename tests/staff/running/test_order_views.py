"""The filters of the orders' list, and lists that are kept under a name."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts import views
from app.accounts.models import SavedView
from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from tests.builders import paid_order
from tests.cast import NOW, someone
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds, sit_down


@pytest.fixture
def three(db: Database, shop: Shop) -> list[int]:
    """Of three orders the first goes to Japan with a note, the second is two copies and tagged, the third came two days later."""
    first, second, third = (
        paid_order(db, shop.drop_id, {shop.run_id: 2 if n == 1 else 1}, someone(f"fan{n}")).id for n in range(3)
    )
    with transaction(db) as session:
        session.execute(update(Order).where(Order.id == first).values(country="JP", note="Ring twice", late=True))
        session.execute(update(Order).where(Order.id == second).values(country="FR", postage_name="Courier"))
        session.execute(update(Order).where(Order.id == third).values(placed_at=NOW + timedelta(days=2), country="DE"))
    return [first, second, third]


def test_each_filter_finds_its_orders(three: list[int], shop: Shop, manager: Desk) -> None:
    first, second, third = three
    manager.post(f"/staff/orders/{second}/tags", tag="gift")
    manager.post(f"/staff/orders/{third}/notes", note="Ask.")
    manager.post("/staff/packing/lock", order=third)
    day, later = NOW.date(), (NOW + timedelta(days=2)).date()
    for query, found in [
        ({"run": shop.run_id}, set(three)), ({"run": 99}, set()), ({"country": "JP"}, {first}), ({"country": "outside"}, {first}),
        ({"tag": 1}, {second}), ({"postage": "Courier"}, {second}), ({"from": later}, {third}), ({"to": day}, {first, second}),
        ({"from": day, "to": day, "country": "FR"}, {second}), ({"fact": "fan-note"}, {first}), ({"fact": "desk-note"}, {third}),
        ({"fact": "unlocked"}, {first, second}), ({"fact": "several"}, {second}), ({"fact": "late"}, {first}),
        ({"fact": ["late", "several"]}, set()), ({"fact": "awaits"}, set()), ({"fact": "undecided"}, set()),
        ({"fact": "refunded"}, set()), ({"fact": "unlocked", "stage": "to-pack", "q": "fan1"}, {second}),
    ]:  # fmt: skip
        page = manager.get("/staff/orders", **query).text
        assert {n for n in three if f'href="/staff/orders/{n}"' in page} == found, query


def test_places_outside_of_the_unions_vat_are_across_the_border(db: Database, three: list[int], manager: Desk) -> None:
    with transaction(db) as session:
        for id_, (country, postal_code) in zip(three, [("ES", "38 003"), ("ES", "28038"), ("FI", "ax-22100")], strict=True):
            order = session.get_one(Order, id_)
            order.country, order.postal_code = country, postal_code
    page = manager.get("/staff/orders", country="outside").text
    assert [f'href="/staff/orders/{n}"' in page for n in three] == [True, False, True]
    assert "By its postcode it goes to the Canary Islands" in manager.get(f"/staff/orders/{three[0]}").text
    assert "By its postcode" not in manager.get(f"/staff/orders/{three[1]}").text


@pytest.mark.parametrize(
    "query",
    [{"run": "x"}, {"country": "Japan"}, {"country": "jp"}, {"tag": "-1"}, {"from": "yesterday"}, {"to": "1066-10-14"},
     {"fact": "true"}, {"postage": "x" * 201}],
)  # fmt: skip
def test_filters_that_are_none(manager: Desk, query: dict[str, str]) -> None:
    assert manager.get("/staff/orders", **query).status_code == 422


def test_a_list_is_kept_shown_as_a_tab_and_removed(
    app: Flask, db: Database, shop: Shop, three: list[int], packer: Desk, manager: Desk
) -> None:
    kept = packer.post("/staff/orders/views", name="Abroad", query="country=outside&evil=1&before=3&stage=to-pack")
    assert kept.location == "/staff/orders?stage=to-pack&country=outside"
    page = packer.get(kept.location).text
    assert 'href="/staff/orders?stage=to-pack&amp;country=outside" aria-current="page" data-key="1"' in page
    assert "Abroad" not in manager.get("/staff/orders").text
    assert manager.post("/staff/orders/views/1/remove").status_code == 404
    packer.post("/staff/orders/views", name="Abroad", query="country=JP")
    with reading(db) as session:
        assert [view.query for view in session.scalars(select(SavedView))] == ["country=JP"]
    assert packer.post("/staff/orders/views/1/remove").status_code == 303
    packer.get("/staff/orders")  # takes the sentences about it along
    assert "Abroad" not in packer.get("/staff/orders").text
    with reading(db) as session:
        assert session.scalar(select(Order.id).where(Order.id == three[0])) == three[0]


def test_a_shared_list_is_everybodys_and_managers_keep_it(
    db: Database, shop: Shop, packer: Desk, manager: Desk, stranger: Desk
) -> None:
    fields = {"name": "Late ones", "query": "fact=late", "label": shop.label_id}
    assert packer.post("/staff/orders/views", **fields).status_code == 403
    assert stranger.post("/staff/orders/views", **fields).status_code == 404
    assert manager.post("/staff/orders/views", **fields).status_code == 303
    assert "Late ones" in packer.get("/staff/orders").text
    assert "Late ones" not in stranger.get("/staff/orders").text
    assert packer.post("/staff/orders/views/1/remove").status_code == 403
    assert stranger.post("/staff/orders/views/1/remove").status_code == 404
    assert manager.post("/staff/orders/views/1/remove").status_code == 303
    assert [entry.label_id for entry in deeds(db, "view.removed")] == [shop.label_id]


def test_names_and_how_many(packer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 1)
    for name, status in (("", 422), ("x" * 41, 422), ("One", 303), ("Two", 409), ("One", 303)):
        assert packer.post("/staff/orders/views", name=name, query="tag=1").status_code == status, name
    assert packer.post("/staff/orders/views", name="Big", query="q=" + "x" * 1600).status_code == 422


def test_everybody_has_their_own(app: Flask, db: Database, shop: Shop, packer: Desk) -> None:
    packer.post("/staff/orders/views", name="Mine", query="tag=1")
    colleague = sit_down(app, db, shop.label_id, Role.PACKER)
    assert "Mine" not in colleague.get("/staff/orders").text
    colleague.post("/staff/orders/views", name="Mine", query="tag=2")
    with reading(db) as session:
        assert session.scalars(select(SavedView.query).order_by(SavedView.id)).all() == ["tag=1", "tag=2"]

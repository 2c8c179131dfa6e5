"""One box for everything."""

import pytest

from app.checkout.take import Fan
from app.kernel.db import Database
from tests.builders import paid_order, take_with_details
from tests.cast import BEN, Person
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk


@pytest.fixture
def sold(db: Database, shop: Shop, packer: Desk) -> Shop:
    """Ada's order 1 (copies 1, 2), shipped; twice Cleo's orders 2 and 3; Ben only holds."""
    paid_order(db, shop.drop_id, {shop.run_id: 2})
    for n in (1, 2):
        paid_order(db, shop.drop_id, {shop.run_id: 1}, Person("Cleo", "cleo@example.org", Fan(f"cleo-{n}", "")))
    take_with_details(db, shop.drop_id, {shop.run_id: 1}, BEN)
    packer.post("/staff/orders/1/ship", carrier="DHL", tracking="0034 0434 1610")
    return shop


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@example.org", "/staff/fans/1"),
        ("ADA@EXAMPLE.ORG ", "/staff/fans/1"),
        ("cleo@example.org", "/staff/fans/3"),
        ("ben@example.org", "/staff/fans/4"),
        ("2", "/staff/orders/2"),
        ("№ 00003", "/staff/orders/3"),
        ("TAPE-001 2", "/staff/copies/2"),
        ("tape-001 № 007/010", "/staff/copies/7"),
        ("run-1 7", "/staff/copies/7"),
        ("07/10", "/staff/copies/7"),
        ("№ 10/10", "/staff/copies/10"),
        ("003404341610", "/staff/orders/1"),
    ],
)
def test_one_exact_find_opens_at_once(sold: Shop, packer: Desk, typed: str, address: str) -> None:
    answer = packer.get("/staff/search", q=typed)
    assert (answer.status_code, answer.location) == (303, address)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("example.org", 3),
        ("lovelace", 3),
        ("cleo", 1),
        ("0034", 1),
        ("№ 002", 2),
        ("02/11", 0),
        ("nobody", 0),
        ("99", 0),
        ("TAPE-001 99", 0),
        ("%", 0),
        ("a_a@example.org", 0),
    ],
)
def test_a_list_otherwise(sold: Shop, packer: Desk, typed: str, found: int) -> None:
    answer = packer.get("/staff/search", q=typed)
    assert answer.status_code == 200
    assert answer.text.count('<th scope="row">') == found


def test_an_empty_box(shop: Shop, packer: Desk) -> None:
    assert "Type something into the box." in packer.get("/staff/search").text
    assert packer.get("/staff/search", q="x" * 201).status_code == 422

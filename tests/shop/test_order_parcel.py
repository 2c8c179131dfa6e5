"""A fan orders twice to one address: the pages and letters say that both leave in one parcel, and what goes back for it."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.fulfilment import locking, shipping
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from tests.builders import open_drop
from tests.cast import NOW, SAM, StoppedClock
from tests.shop.shopper import JSON, Shopper, work
from tests.shop.test_orders import bought


@pytest.fixture
def two(selling: Flask, ada: Shopper, db: Database) -> tuple[str, str]:
    """The paths of two paid orders of Ada's, €25.95 each; their letters are out."""
    open_drop(db, size=5)
    return bought(ada), bought(ada)


def test_both_pages_name_the_other_order_and_give_its_key_to_nobody(
    selling: Flask, ada: Shopper, two: tuple[str, str], clock: StoppedClock
) -> None:
    letters = work(selling)
    receipt = next(each for each in letters if "Order 00002" in each.text)
    assert "It leaves in one parcel with your order № 00001, to the same address." in receipt.text
    assert "€1.95 of the postage goes back to you by itself within the hour." in receipt.text
    first, second = (ada.client.get(path).text for path in two)
    assert "In one parcel with № 00002." in first
    assert "In one parcel with № 00001." in second
    assert "€1.95 of this order’s postage goes back to you by itself, after 21:00." in second
    assert "€1.95" not in first.split("What it cost", 1)[0]
    for page, other in ((first, two[1]), (second, two[0])):
        assert other not in page
    shown = ada.client.get(two[1], headers=JSON).json
    assert shown["leaves_with"] == ["00001"]


def test_an_hour_later_the_postage_is_back_and_it_stays_together(
    selling: Flask, ada: Shopper, two: tuple[str, str], clock: StoppedClock, db: Database
) -> None:
    work(selling)
    assert ada.stripe.box.store.all("refund") == []
    clock.forward(hours=1)
    letters = work(selling)
    assert [each["amount"] for each in ada.stripe.box.store.all("refund")] == [195]
    [letter] = letters
    assert letter.subject == "€1.95 is on its way back to you"
    assert "It leaves in one parcel with your order № 00001, which costs less postage." in letter.text
    page = ada.client.get(two[1]).text
    assert "The postage that this saves, €1.95, has gone back to you." in page
    assert f"{two[1]}/alone" not in page
    assert ada.client.post(f"{two[1]}/alone").status_code == 409
    clock.forward(hours=1)
    assert work(selling) == []


def test_sent_on_its_own_and_together_after_all(selling: Flask, ada: Shopper, two: tuple[str, str], clock: StoppedClock) -> None:
    work(selling)
    assert f'action="{two[1]}/alone"' in ada.client.get(two[1]).text
    done = ada.client.post(f"{two[1]}/alone")
    assert (done.status_code, done.headers["Location"]) == (303, two[1])
    assert "It leaves on its own." in ada.client.get(two[1]).text
    assert "one parcel with" not in ada.client.get(two[0]).text
    clock.forward(hours=1)
    assert work(selling) == []
    said = ada.client.post(f"{two[1]}/together", headers=JSON)
    assert (said.status_code, said.json) == (200, {"reference": "00002", "leaves_with": ["00001"]})
    assert "In one parcel with № 00001." in ada.client.get(two[1]).text


def test_packing_has_begun(ada: Shopper, two: tuple[str, str], db: Database) -> None:
    with reading(db) as session:
        ids = list(session.scalars(select(Order.id).order_by(Order.id)))
    with transaction(db) as session:
        locking.lock(session, ids[:1], NOW)
    for deed in ("alone", "together"):
        assert ada.client.post(f"{two[1]}/{deed}").status_code == 409
    assert "/alone" not in ada.client.get(two[1]).text
    assert "In one parcel with № 00001." in ada.client.get(two[1]).text


def test_a_single_order_says_that_more_may_come(selling: Flask, ada: Shopper, db: Database) -> None:
    open_drop(db, size=5)
    first = bought(ada)
    assert "before we pack leaves in the same parcel" in ada.client.get(first).text
    assert ada.client.post(f"{first}/alone").status_code == 303
    second = bought(ada)
    assert "one parcel with" not in ada.client.get(second).text


def test_one_mail_with_both_when_it_leaves(selling: Flask, ada: Shopper, two: tuple[str, str], db: Database) -> None:
    work(selling)
    with transaction(db) as session:
        shipping.ship(session, session.scalars(select(Order.id).where(Order.number == 2)).one(), "DHL", "0034", NOW, SAM)
    [letter] = work(selling)
    assert letter.subject == "On its way: № 1, 2/5, Night Bus"
    assert "The parcel of order 00001 + 00002 left" in letter.text
    for path in two:
        assert path in letter.text
    assert "Your order № 00001 was in the same parcel." in ada.client.get(two[1]).text


def test_nobody_else_decides(ada: Shopper, two: tuple[str, str]) -> None:
    assert ada.client.post("/orders/1-nothing/alone").status_code == 404
    assert ada.client.post(f"{two[0]}/alone", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

"""The postage that a fan paid for, at the desk: what it is called, whether it is tracked, and whom the parcel is given to."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.catalogue.models import Run
from app.checkout.details import Details, say_where_to
from app.checkout.quote import quote
from app.checkout.settle import settle_free
from app.fulfilment.models import PostageRate, Shipment
from app.kernel.db import Database, reading, transaction
from app.reports import slip_facts
from tests.builders import BERLIN, end_payment, open_attempt, paid_order, settle_as, take_with_details
from tests.cast import ADA, BEN, EVE, NOW, Person
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk

DPD = "DPD Classic"
PARCEL = 2  # the row of the tracked rate that builders give the first label


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Ada's order 1 by letter, whose rate names no carrier; Ben's order 2 by a tracked parcel of a carrier that it names."""
    with transaction(db) as session:
        parcel = session.get_one(PostageRate, PARCEL)
        parcel.carrier, parcel.name = DPD, "Parcel"
    paid_order(db, shop.drop_id, {shop.run_id: 1}, ADA)
    _paid_by(db, shop, BEN)
    return shop


def _paid_by(db: Database, shop: Shop, person: Person) -> None:
    hold = take_with_details(db, shop.drop_id, {shop.run_id: 1}, person)
    with transaction(db) as session:
        say_where_to(session, hold.id, Details(person.email, "DE", PARCEL, ""), NOW)
    payment = settle_as(db, open_attempt(db, hold.id))
    assert payment is not None
    end_payment(db, payment.id)


def _row(page: str, order_id: int) -> str:
    """The table's row of an order."""
    body = page.split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return next(row for row in body.split("</tr>") if f'href="/staff/orders/{order_id}"' in row)


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def _chosen(html: str, name: str) -> str:
    """The option that a field begins with."""
    field = html.split(f'name="{name}"', 1)[1].split("</select>", 1)[0]
    return re.findall(r"<option(?: value=\"\")? selected>([^<]+)<", field)[0]


@pytest.mark.parametrize("path", ["/staff/packing", "/staff/packing/ship?order=1&order=2"])
def test_the_lists_say_what_was_paid_for(sold: Shop, packer: Desk, path: str) -> None:
    page = packer.get(path).text
    assert "Letter not tracked" in _text(_row(page, 1))
    assert "Parcel tracked" in _text(_row(page, 2))


def test_order_and_slip_say_it_too(db: Database, sold: Shop, packer: Desk) -> None:
    assert "Letter not tracked" in _text(packer.get("/staff/orders/1").text)
    assert "Parcel tracked" in _text(packer.get("/staff/orders/2").text)
    with reading(db) as session:
        assert [slip.postage for slip in slip_facts.slips(session, [1, 2], "")] == ["Letter, not tracked", "Parcel, tracked"]


def test_the_carrier_begins_with_the_rates_own(db: Database, sold: Shop, packer: Desk) -> None:
    form = packer.get("/staff/packing/ship?order=1&order=2").text
    assert (_chosen(form, "carrier-1"), _chosen(form, "carrier-2")) == ("DHL", DPD)
    packer.post("/staff/orders/1/ship", carrier="", other="Pigeon post")
    paid_order(db, sold.drop_id, {sold.run_id: 1}, EVE)
    form = packer.get("/staff/packing/ship?order=2&order=3").text
    assert (_chosen(form, "carrier-2"), _chosen(form, "carrier-3")) == (DPD, "Pigeon post")
    assert _chosen(packer.get("/staff/orders/2").text, "carrier") == DPD
    assert _chosen(packer.get("/staff/orders/3").text, "carrier") == "Pigeon post"


def test_each_parcel_goes_with_its_own_carrier(db: Database, sold: Shop, packer: Desk) -> None:
    fields = {"order": ["1", "2"], "carrier-1": "", "other": "Pigeon post", "carrier-2": DPD, "tracking-2": "D2"}
    assert packer.post("/staff/packing/ship", **fields).status_code == 303
    with reading(db) as session:
        sent = session.scalars(select(Shipment).order_by(Shipment.id)).all()
    assert [(each.carrier, each.tracking) for each in sent] == [("Pigeon post", ""), (DPD, "D2")]


def test_a_row_without_a_carrier_stays_and_keeps_what_was_typed(db: Database, sold: Shop, packer: Desk) -> None:
    fields = {"order": ["1", "2"], "carrier-1": "", "other": "", "tracking-1": "A1", "carrier-2": "UPS", "tracking-2": "x" * 81}
    answer = packer.post("/staff/packing/ship", **fields)
    assert answer.status_code == 422
    assert "The carrier is missing." in _row(answer.text, 1)
    assert 'value="A1"' in _row(answer.text, 1)
    assert _chosen(answer.text, "carrier-1") == "another one, named below"
    assert _chosen(answer.text, "carrier-2") == "UPS"
    with reading(db) as session:
        assert session.scalars(select(Shipment)).all() == []


def test_a_free_order_goes_by_the_rate_that_was_chosen(db: Database, shop: Shop, packer: Desk) -> None:
    with transaction(db) as session:
        rate = session.get_one(PostageRate, PARCEL)
        rate.carrier, rate.amount = DPD, 0
        session.get_one(Run, shop.run_id).price = 0
    hold = take_with_details(db, shop.drop_id, {shop.run_id: 1})
    with transaction(db) as session:
        mine = say_where_to(session, hold.id, Details(ADA.email, "DE", PARCEL, ""), NOW)
        settle_free(session, mine, quote(session, mine).quote, BERLIN, NOW)
    assert _chosen(packer.get("/staff/orders/1").text, "carrier") == DPD

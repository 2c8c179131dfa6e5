"""Parcel slips at the desk: looked at first, the good ones in the carrier's file, the others with their reasons; and the sender."""

import csv
import html
import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.accounts.roles import Role
from app.catalogue.models import Label, Run
from app.fulfilment.models import PostageRate, Sender
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.payments.models import CheckoutAttempt
from app.reports import slip_facts
from tests.builders import open_drop, paid_order
from tests.cast import ADA, BEN, someone
from tests.fulfilment.pdf_words import pages
from tests.staff.seat import Seat, make_staff, sit_down, words

PAGE = "/staff/packing/parcel-slips"
SENDER = {
    "name": "", "line1": "Hinterhof 3", "line2": "", "postal_code": "10999", "city": "Berlin", "region": "",
    "phone": "+49 30 123456", "eori": "", "vat_number": "", "ioss_number": "",
}  # fmt: skip


@pytest.fixture
def seat(app: Flask, db: Database) -> Seat:
    """A packer at a label with two orders: Ada's can be posted, Ben's postcode is wrong."""
    drop, run = open_drop(db)
    paid_order(db, drop, {run: 2}, ADA)
    ben = paid_order(db, drop, {run: 1}, BEN)
    with transaction(db) as session:
        session.get_one(Order, ben.id).postal_code = "1"
        session.add(Sender(label_id=1, line1="Hinterhof 3", postal_code="10999", city="Berlin"))
    return sit_down(app, db, make_staff(db, "Packer", {1: Role.PACKER}))


def _csv(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_what_goes_and_what_does_not_is_said_first(seat: Seat) -> None:
    page = words(seat.get(PAGE))
    assert "1 parcel can be posted with DHL Geschäftskundenportal" in page
    assert "1 parcel would be refused" in page
    assert "“1” is no postcode of DE. One there looks like 26133." in page


def test_the_file_has_the_good_ones_alone(seat: Seat, db: Database) -> None:
    answer = seat.get(f"{PAGE}/good.csv")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=iso-8859-1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dhl-business-2026-11-27.csv"'
    [row] = _csv(answer.data.decode("iso-8859-1"), ";")
    assert (row["Sendungsreferenz"], row["Empfänger Straße"], row["Gewicht"]) == ("00001", "Prüfweg", "0,2200")
    with reading(db) as session:
        [noted] = session.scalars(select(AuditEntry).where(AuditEntry.deed == "orders.exported"))
    assert noted.detail["shape"] == "dhl-business"


def test_the_others_are_a_file_of_their_own(seat: Seat) -> None:
    [row] = _csv(seat.get(f"{PAGE}/bad.csv").data.decode("utf-8-sig"))
    assert (row["reference"], row["reason"]) == ("00002", "“1” is no postcode of DE. One there looks like 26133.")
    assert row["mend"].endswith("/staff/orders/2")


def test_only_those_chosen_and_only_those_still_here(seat: Seat) -> None:
    assert "No parcel to post" in words(seat.get(f"{PAGE}?drop=99"))
    assert [row["reference"] for row in _csv(seat.get(f"{PAGE}/good.csv?shape=generic&order=1").data.decode())] == ["00001"]
    assert seat.get(f"{PAGE}?stage=shipped").status_code == 422
    assert seat.get(f"{PAGE}?shape=owl").status_code == 422
    assert seat.get(f"{PAGE}?label=99").status_code == 404
    seat.post("/staff/orders/1/ship", {"carrier": "DHL", "tracking": "1"})
    assert _csv(seat.get(f"{PAGE}/good.csv?shape=generic&order=1").data.decode()) == []


def test_letters_stay_out_of_a_parcel_file_unless_they_are_asked_for(app: Flask, db: Database) -> None:
    drop, run = open_drop(db, size=30)
    orders = [paid_order(db, drop, {run: 1}, someone(f"fan{at}")).id for at in range(3)]
    with transaction(db) as session:
        for rate in session.scalars(select(PostageRate)):
            rate.carrier = "DHL Paket"
        for id_ in orders:
            session.get_one(Order, id_).postage_name = "Parcel"
        zone = session.scalars(select(PostageRate.zone_id)).first()
        letter = PostageRate(zone_id=zone, name="Letter", carrier="Deutsche Post", amount=100, max_weight=500)
        session.add(letter)
        session.flush()
        order = session.get_one(Order, orders[1])
        order.postage_name, attempt = "Letter", session.get_one(CheckoutAttempt, order.attempt_id)
        attempt.quote = {**attempt.quote, "postage": {**attempt.quote["postage"], "rate_id": letter.id}}
        session.add(Sender(label_id=1, line1="Hinterhof 3", postal_code="10999", city="Berlin"))
    seat = sit_down(app, db, make_staff(db, "Packer", {1: Role.PACKER}))

    def file(query: str) -> list[str]:
        return [row["Sendungsreferenz"] for row in _csv(seat.get(f"{PAGE}/good.csv{query}").data.decode("iso-8859-1"), ";")]

    page = seat.get(PAGE)
    assert "2 parcels can be posted with DHL" in words(page)
    assert "One parcel stays out of this file: its postage names another carrier." in words(page)
    assert re.findall(r'name="postage" value="([^"]+)"( checked)?', page.text) == [
        ("Parcel / DHL Paket", " checked"),
        ("Letter / Deutsche Post", ""),
    ]
    assert file("") == ["00001", "00003"]
    chosen = "?for=dhl-business&postage=Letter+/+Deutsche+Post"
    assert "2 parcels stay out of this file: their postage is not ticked." in words(seat.get(PAGE + chosen))
    assert file(chosen) == ["00002"]
    [link] = re.findall(r'href="[^"?]+good\.csv(\?[^"]+)"', seat.get(PAGE + chosen).text)
    assert file(html.unescape(link)) == ["00002"]
    assert "No parcel with such a postage" in words(seat.get(f"{PAGE}?for=dhl-business"))
    assert len(_csv(seat.get(f"{PAGE}/good.csv?shape=generic&for=dhl-business").data.decode())) == 3  # chosen for another carrier
    assert seat.get(f"{PAGE}?for=dhl-business&postage={'x' * 300}").status_code == 422


def test_a_carrier_that_takes_few_gets_a_file_for_each(app: Flask, db: Database) -> None:
    drop, run = open_drop(db, size=30)
    for at in range(22):
        paid_order(db, drop, {run: 1}, someone(f"fan{at}"))
    with transaction(db) as session:
        label = session.get_one(Label, 1)
        label.country = "NL"
    seat = sit_down(app, db, make_staff(db, "Packer", {1: Role.PACKER}))
    page = seat.get(f"{PAGE}?shape=postnl")
    assert "Part 2 of 2" in words(page)
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+good\.csv[^"]+)"', page.text)]
    seat.post("/staff/orders/3/ship", {"carrier": "PostNL", "tracking": "3S1"})  # what leaves meanwhile does not shift the parts
    first, second = (_csv(seat.get(link).data.decode(), ";") for link in links)
    assert (len(first), [row["Referentie"] for row in second]) == (19, ["00021", "00022"])


def test_a_manager_says_who_posts_them(app: Flask, db: Database, seat: Seat) -> None:
    manager = sit_down(app, db, make_staff(db, "Manager", {1: Role.MANAGER}))
    assert seat.get("/staff/labels/1/sender").status_code == 403
    typed = {"postal_code": "1", "ioss_number": "IM1", "eori": "?", "phone": "call me"}
    wrong = manager.post("/staff/labels/1/sender", {**SENDER, **typed})
    assert wrong.status_code == 422
    for sentence in ("That is no postcode of DE", "IM and ten digits", "Two letters for the country", "Digits, with the country"):
        assert sentence in words(wrong)
    kept = manager.post("/staff/labels/1/sender", {**SENDER, "ioss_number": "im 2760000742", "duties_prepaid": "1"})
    assert kept.status_code == 303
    with reading(db) as session:
        row = session.get_one(Sender, 1)
        assert (row.phone, row.ioss_number, row.duties_prepaid, row.line1) == ("+49 30 123456", "IM2760000742", True, "Hinterhof 3")
        noted = session.scalars(select(AuditEntry).where(AuditEntry.deed == "sender.changed")).one()
    assert noted.detail == {"changed": "phone, ioss number, duties prepaid"}
    assert "checked" in manager.get("/staff/labels/1/sender").text


def test_customs_data_is_wanted_across_the_border_and_linked_to(app: Flask, db: Database, seat: Seat) -> None:
    with transaction(db) as session:
        order = session.get_one(Order, 1)
        order.country, order.postal_code = "CH", "8001"
    manager = sit_down(app, db, make_staff(db, "Manager", {1: Role.MANAGER}))
    page = manager.get(PAGE)
    assert "“Recorded music cassette” has no customs code (HS)." in words(page)
    assert '<a href="/staff/runs/1/edit">' in page.text
    assert '<a href="/staff/runs/1/edit">' not in seat.get(PAGE).text
    with transaction(db) as session:
        run = session.get_one(Run, 1)
        run.hs_code, run.origin = "852329", "DE"
    assert "1 parcel can be posted" in words(seat.get(PAGE))


def test_a_parcel_to_the_canary_islands_is_declared(db: Database, seat: Seat) -> None:
    with transaction(db) as session:
        order = session.get_one(Order, 1)
        order.country, order.postal_code = "ES", "35001"
    assert "“Recorded music cassette” has no customs code (HS)." in words(seat.get(PAGE))
    with transaction(db) as session:
        run = session.get_one(Run, 1)
        run.hs_code, run.origin = "852329", "DE"
    assert "1 parcel can be posted" in words(seat.get(PAGE))
    answer = seat.get("/staff/packing/customs.pdf?order=1")
    assert (answer.status_code, pages(answer.data)) == (200, 1)
    with reading(db) as session:
        [slip] = slip_facts.slips(session, [1], "https://shop.example")
        assert slip.customs


def test_customs_forms_of_those_that_cross_the_border(app: Flask, db: Database, seat: Seat) -> None:
    assert seat.get("/staff/packing/customs.pdf").status_code == 404
    with transaction(db) as session:
        order = session.get_one(Order, 1)
        order.country, order.postal_code = "CH", "8001"
    no = seat.get("/staff/packing/customs.pdf?order=1")
    assert (no.status_code, "has no customs code (HS)" in words(no)) == (409, True)
    with transaction(db) as session:
        run = session.get_one(Run, 1)
        run.hs_code, run.origin = "852329", "DE"
    answer = seat.get("/staff/packing/customs.pdf")
    assert (answer.status_code, answer.content_type, pages(answer.data)) == (200, "application/pdf", 1)
    stranger = sit_down(app, db, make_staff(db, "Stranger", {}))
    assert stranger.get("/staff/packing/customs.pdf?order=1").status_code == 403


def test_a_run_says_that_customs_sees_two_things(app: Flask, db: Database, seat: Seat) -> None:
    manager = sit_down(app, db, make_staff(db, "Manager", {1: Role.MANAGER}))
    at = "/staff/runs/1/customs"
    typed = {"what": "Printed zine", "hs_code": "4901.99", "price": "8", "weight": "30"}
    assert seat.get(at).status_code == 403
    assert manager.post(at, {**typed, "price": "24"}).status_code == 422
    assert manager.post(at, typed).status_code == 303
    page = words(manager.get(at))
    assert "Recorded music cassette" in page
    assert "€16.00" in page
    assert "Printed zine 490199" in page
    assert manager.post(at, {}).status_code == 303
    assert "Printed zine 490199" not in words(manager.get(at))

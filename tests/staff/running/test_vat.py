"""VAT at the desk: said with the label, a quarter in the books, and invoices beside their orders."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.catalogue.models import Label
from app.checkout.parts import Plan
from app.fulfilment.models import Sender
from app.kernel.db import Database, reading, transaction
from app.kernel.money import Money
from app.orders.models import Order
from app.orders.vat_models import Invoice, OrderTax, VatRate, VatSettings, VatWay
from app.payments.models import Payment
from app.reports import vat_threshold
from tests.builders import (
    end_payment,
    give_back,
    keep_vat,
    open_attempt,
    paid_order,
    settle_as,
    take_with_details,
)
from tests.cast import ADA, BEN, NOW, someone
from tests.staff.running.conftest import Shop
from tests.staff.running.desk import Desk, deeds, sit_down
from tests.staff.seat import words

WORDS = {"way": "home", "sentence": "", "tax_number": "", "invoice_prefix": "INV-", "credit_prefix": "CN-"}


@pytest.fixture
def owner(app: Flask, db: Database, shop: Shop) -> Desk:
    """The label's owner at the desk."""
    return sit_down(app, db, shop.label_id, Role.OWNER)


def _said(db: Database, label_id: int) -> VatSettings | None:
    with reading(db) as session:
        return session.get(VatSettings, label_id)


def test_before_anything_was_said(owner: Desk, shop: Shop) -> None:
    page = owner.get(f"/staff/labels/{shop.label_id}/vat")
    assert (page.status_code, "You have not said yet how you keep VAT." in page.text) == (200, True)
    assert "Rates that hold today" in page.text


def test_it_is_kept_and_noted(db: Database, owner: Desk, shop: Shop) -> None:
    assert owner.post(f"/staff/labels/{shop.label_id}/vat", **WORDS, exclusive="1").status_code == 303
    kept = _said(db, shop.label_id)
    assert kept is not None
    assert (kept.way, kept.exclusive, kept.invoices) == (VatWay.HOME, True, False)
    [noted] = deeds(db, "vat.changed")
    assert noted.detail["way"] == "home"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"way": "none"}, "Say in a sentence why you charge none"),
        ({"way": "elsewhere"}, "one of"),
        ({"invoices": "1"}, "An invoice needs your address."),
        ({"invoice_prefix": "Ä"}, "At most twelve letters"),
    ],
)
def test_what_cannot_be(db: Database, owner: Desk, shop: Shop, change: dict[str, str], sentence: str) -> None:
    answer = owner.post(f"/staff/labels/{shop.label_id}/vat", **(WORDS | change))
    assert answer.status_code == 422
    assert sentence in answer.text or "field-error" in answer.text
    assert _said(db, shop.label_id) is None


def test_an_invoice_needs_a_number_of_its_writer(db: Database, owner: Desk, shop: Shop) -> None:
    with transaction(db) as session:
        session.add(Sender(label_id=shop.label_id, name="Tinsel", line1="Kanalweg 9", city="Berlin"))
    answer = owner.post(f"/staff/labels/{shop.label_id}/vat", **WORDS, invoices="1")
    assert (answer.status_code, "An invoice needs a VAT number" in answer.text) == (422, True)
    assert owner.post(f"/staff/labels/{shop.label_id}/vat", **(WORDS | {"tax_number": "12/3"}), invoices="1").status_code == 303


def test_a_rate_of_its_own(db: Database, owner: Desk, shop: Shop) -> None:
    at = f"/staff/labels/{shop.label_id}/vat/rates"
    rate = {"country": "DK", "kind": "reduced", "rate": "0", "since": "2026-07-01", "source": "the law"}
    assert owner.post(at, **rate).status_code == 303
    assert owner.post(at, **rate).status_code == 422
    assert owner.post(at, **(rate | {"rate": "5.555"})).status_code == 422
    assert owner.post(at, **(rate | {"since": "soon"})).status_code == 422
    with reading(db) as session:
        [row] = session.scalars(select(VatRate)).all()
    assert (row.country, row.kind, row.rate, f"{row.since}") == ("DK", "reduced", 0, "2026-07-01")
    assert "the law" in owner.get(f"/staff/labels/{shop.label_id}/vat").text
    assert owner.post(f"{at}/{row.id}/remove").status_code == 303
    assert owner.post(f"{at}/{row.id}/remove").status_code == 404


@pytest.fixture
def sold(db: Database, shop: Shop) -> Shop:
    """Last quarter Cara bought in France, in this one Ada and Ben at home and Dora in Japan; Cara and Ada got postage back."""
    keep_vat(db, VatWay.DESTINATION, shop.label_id, invoices=True)
    then = NOW - timedelta(minutes=1)
    payment = settle_as(
        db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}, someone("cara"), then, "FR").id, then)
    )
    assert payment is not None
    end_payment(db, payment.id)
    with transaction(db) as session:
        session.get_one(Payment, payment.id).ended_at = NOW - timedelta(days=60)
    ada = paid_order(db, shop.drop_id, {shop.run_id: 1}, ADA)
    paid_order(db, shop.drop_id, {shop.run_id: 2}, BEN)
    abroad = settle_as(
        db, open_attempt(db, take_with_details(db, shop.drop_id, {shop.run_id: 1}, someone("dora"), country="JP").id)
    )
    assert abroad is not None
    end_payment(db, abroad.id)
    give_back(db, payment.order_id or 0, Plan(postage=True))
    give_back(db, ada.id, Plan(postage=True))
    return shop


def _table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_quarter_of_vat(sold: Shop, manager: Desk) -> None:
    found = [
        (row["return"], row["country"], row["rate_per_cent"], row["of_quarter"], row["net"], row["vat"])
        for row in _table(manager.get("/staff/books/vat.csv", quarter="2026-4").text)
    ]
    assert found == [
        ("oss", "FR", "20", "2026-3", "-12.49", "-2.50"),
        ("home", "DE", "19", "2026-4", "62.15", "11.80"),
        ("export", "JP", "0", "2026-4", "38.99", "0.00"),
    ]
    before = _table(manager.get("/staff/books/vat.csv", quarter="2026-3").text)
    assert [(row["country"], row["net"], row["vat"]) for row in before] == [("FR", "32.49", "6.50")]


def test_each_figure_leads_to_its_lines(sold: Shop, manager: Desk) -> None:
    page = manager.get("/staff/books/vat", quarter="2026-4")
    assert page.status_code == 200
    for text in ("Corrections of earlier quarters", "Q3 2026", "For the return at home", "€11.80", "Exports"):
        assert text in page.text, text
    assert "of=2026-3" in page.text
    query = {"quarter": "2026-4", "as": "oss", "country": "FR", "rate": "2000", "of": "2026-3"}
    lines = manager.get("/staff/books/vat/lines", **query)
    assert (lines.status_code, "№ 00001" in lines.text, "−€2.50" in lines.text or "-€2.50" in lines.text) == (200, True, True)
    whole = _table(manager.get("/staff/books/vat.csv", quarter="2026-4", table="lines").text)
    home = [row for row in whole if row["return"] == "home"]
    assert sum(round(float(row["vat"]) * 100) for row in home) == 1180
    assert "There is no such line" in manager.get("/staff/books/vat/lines", quarter="2026-1").text
    assert "VAT in it" in manager.get("/staff/books", **{"from": "2026-11-27", "to": "2026-11-30"}).text


def test_the_workbook(sold: Shop, manager: Desk) -> None:
    book = manager.get("/staff/books/vat.xlsx", quarter="2026-4")
    assert zipfile.ZipFile(io.BytesIO(book.data)).namelist().count("xl/worksheets/sheet2.xml") == 1


@pytest.mark.parametrize("query", [{"quarter": "2026-5"}, {"quarter": "last"}, {"rate": "x"}, {"of": "2026"}, {"country": "D\0"}])
def test_what_is_no_quarter(shop: Shop, manager: Desk, query: dict[str, str]) -> None:
    assert manager.get("/staff/books/vat/lines", **query).status_code == 422


def test_nothing_yet(shop: Shop, manager: Desk) -> None:
    assert "Nothing was taxed in this quarter." in manager.get("/staff/books/vat").text


def test_what_was_sold_before_anything_was_said(db: Database, shop: Shop, manager: Desk) -> None:
    paid_order(db, shop.drop_id, {shop.run_id: 1}, ADA)
    assert "€25.95 was sold while nothing was said about VAT here" in manager.get("/staff/books/vat").text


def test_the_limit_for_other_countries_of_the_union(db: Database, sold: Shop, manager: Desk, owner: Desk) -> None:
    with transaction(db) as session:
        session.get_one(Order, 1).country = "FR"  # what was taxed there went there
        [row] = session.scalars(select(OrderTax).where(OrderTax.order_id == 1, OrderTax.order_line_id.is_not(None)))
        assert (row.net, row.tax) == (2000, 400)
    page = words(manager.get("/staff/books/vat"))
    assert "Sales to other countries of the European Union 2026 €20.00 2025 €0.00 The limit, each year €10,000.00" in page
    assert "0 % of it is used" in page
    assert "You charge by where it goes (OSS)" in page
    with transaction(db) as session:
        session.get_one(VatSettings, sold.label_id).way = VatWay.HOME
    assert "Within it VAT is that of your own country." in words(manager.get("/staff/books/vat"))
    assert "Not in the one-stop shop (OSS)" in owner.get(f"/staff/labels/{sold.label_id}/vat").text
    with transaction(db) as session:
        session.get_one(Label, sold.label_id).country = "GB"
    assert "Sales to other countries" not in manager.get("/staff/books/vat").text
    assert "For labels outside of the European Union." in owner.get(f"/staff/labels/{sold.label_id}/vat").text


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        (2500, "80 % of the €10,000 for sales to other countries of the European Union is used."),
        (1999, "The €10,000 for sales to other countries of the European Union are used up."),
        (2501, ""),
    ],
)
def test_it_is_nearly_used_up(
    db: Database, sold: Shop, manager: Desk, monkeypatch: pytest.MonkeyPatch, limit: int, sentence: str
) -> None:
    monkeypatch.setattr(vat_threshold, "LIMIT", Money(limit, "EUR"))
    with transaction(db) as session:
        session.get_one(Order, 1).country = "FR"
        session.get_one(VatSettings, sold.label_id).way = VatWay.HOME
    page = words(manager.get("/staff/books/vat"))
    assert (sentence or "Within it VAT is") in page
    assert ("Register for the one-stop shop" in page) == bool(sentence)


def test_an_invoice_beside_its_order(db: Database, sold: Shop, manager: Desk) -> None:
    with reading(db) as session:
        rows = session.scalars(select(Invoice).order_by(Invoice.id)).all()
    assert [row.reference for row in rows] == ["INV-00001", "INV-00002", "INV-00003", "INV-00004", "CN-00001", "CN-00002"]
    page = manager.get(f"/staff/orders/{rows[1].order_id}")
    assert all(text in page.text for text in ("Invoice INV-00002", "Credit note CN-00002"))
    paper = manager.get(f"/staff/orders/{rows[1].order_id}/invoices/{rows[1].id}")
    assert (paper.status_code, paper.content_type, paper.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert manager.get(f"/staff/orders/{rows[0].order_id}/invoices/{rows[1].id}").status_code == 404


def test_an_invoice_written_afterwards(db: Database, shop: Shop, manager: Desk) -> None:
    order = paid_order(db, shop.drop_id, {shop.run_id: 1}, ADA)
    keep_vat(db, VatWay.HOME, shop.label_id, invoices=True)
    at = f"/staff/orders/{order.id}"
    assert "Write its invoice" in manager.get(at).text
    assert manager.post(f"{at}/invoices").status_code == 303
    assert "Invoice INV-00001" in manager.get(at).text
    assert manager.post(f"{at}/invoices").status_code == 409
    assert [deed.detail["invoice"] for deed in deeds(db, "order.invoice_written")] == ["INV-00001"]


def test_no_two_papers_have_one_number(sold: Shop, owner: Desk) -> None:
    """Credit notes were numbered CN-…, so invoices cannot be from now on, nor the other way round."""
    at, words = f"/staff/labels/{sold.label_id}/vat", {"way": "destination", "invoices": "1"}
    for invoice, credit in (("CN-", "CREDIT-"), ("BILL-", "INV-"), ("CN-", "INV-")):
        answer = owner.post(at, **(WORDS | words | {"invoice_prefix": invoice, "credit_prefix": credit}))
        assert (answer.status_code, "has been numbered so before" in answer.text) == (422, True)
    assert owner.post(at, **(WORDS | words | {"invoice_prefix": "BILL-"})).status_code == 303


LABEL = {"name": "Tinsel Tapes", "email": "desk@tinsel.example", "time_zone": "Europe/Berlin", "packaging_weight": "60"}


@pytest.mark.parametrize(
    ("way", "country", "status"),
    [(VatWay.HOME, "US", 422), (VatWay.HOME, "CH", 303), (VatWay.DESTINATION, "CH", 422), (VatWay.NONE, "US", 303)],
)
def test_a_label_that_moves_to_where_no_rate_is_known_is_asked_first(
    db: Database, shop: Shop, owner: Desk, way: VatWay, country: str, status: int
) -> None:
    keep_vat(db, way, shop.label_id)
    at = f"/staff/labels/{shop.label_id}"
    assert owner.post(at, **LABEL, country=country, currency="EUR").status_code == status
    if status == 422:
        assert owner.post(at, **LABEL, country="DE", currency="EUR").status_code == 303

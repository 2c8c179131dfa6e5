"""VAT as a fan sees it: on the hold before paying, on the order afterwards, in the mail, and the invoice."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import Database
from app.orders.vat_models import VatWay
from sandbox import LocalStripe
from tests.builders import keep_vat, make_code, open_drop
from tests.cast import StoppedClock
from tests.fulfilment.pdf_words import words
from tests.shop.shopper import Shopper, deliver, events, work


def _put(ada: Shopper, hold: str, country: str) -> str:
    assert ada.client.post(f"{hold}/details", data=ada.details(country=country)).status_code == 303
    return ada.client.get(hold).text


@pytest.mark.parametrize(
    ("way", "country", "said"),
    [
        (VatWay.HOME, "DE", "Includes VAT: 19 % Germany €4.14"),
        (VatWay.HOME, "FR", "Includes VAT: 19 % Germany"),
        (VatWay.DESTINATION, "FR", "Includes VAT: 20 % France"),
        (VatWay.DESTINATION, "JP", "No VAT: an export"),
        (VatWay.NONE, "DE", "No VAT is charged, by § 19 UStG."),
        (VatWay.STRIPE, "DE", "Tax included"),
    ],
)
def test_what_stands_at_the_total(ada: Shopper, db: Database, way: VatWay, country: str, said: str) -> None:
    open_drop(db)
    keep_vat(db, way)
    page = _put(ada, ada.take(), country)
    assert said in page
    assert ("Pay €25.95" in page) is (country == "DE")


def test_vat_on_top_is_a_line_before_paying_and_what_is_charged(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    open_drop(db, price=1000)
    keep_vat(db, exclusive=True, invoices=True)
    make_code(db)
    assert "not in the price: added before you pay, by where it goes" in ada.client.get("/drops/drop-1").text
    hold = ada.take(3)
    assert ada.client.post(f"{hold}/details", data=ada.details(code="SPRING")).status_code == 303
    page = ada.client.get(hold).text
    for text in ("€30.00", "−€5.00", "€1.95", "VAT 19 % Germany", "€5.11", "Pay €32.06"):
        assert text in page, text
    session = ada.buy(hold)
    assert local_stripe.box.store.get("checkout.session", session)["amount_total"] == 3206
    for body in events(local_stripe):
        assert deliver(ada.client, body, clock.now()).status_code == 200
    [letter] = work(selling)
    assert "Total, tax included: €32.06\nVAT 19 % Germany: €5.11" in letter.text
    order = ada.client.get(ada.order(hold)).text
    assert "Includes VAT: 19 % Germany €5.11" in order
    assert "Invoice INV-00001 (PDF)" in order


def test_the_invoice_is_its_owners(
    selling: Flask, ada: Shopper, db: Database, clock: StoppedClock, local_stripe: LocalStripe
) -> None:
    open_drop(db)
    keep_vat(db, invoices=True)
    hold = ada.take()
    ada.buy(hold)
    for body in events(local_stripe):
        deliver(ada.client, body, clock.now())
    work(selling)
    order = ada.order(hold)
    paper = ada.client.get(f"{order}/invoices/1")
    assert (paper.status_code, paper.content_type, paper.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert "Invoice INV-00001" in words(paper.data)
    assert ada.client.get(f"{order}/invoices/2").status_code == 404
    stranger: FlaskClient = selling.test_client()
    assert stranger.get(f"{order[:-4]}AAAA/invoices/1").status_code == 404

"""Invoices and credit notes: made with the money, numbered without gaps, and the same for ever."""

import pytest
from sqlalchemy import select

from app.catalogue.models import Label
from app.checkout import fallen, invoices
from app.checkout.parts import Choice, Plan
from app.fulfilment import invoice_pdf
from app.fulfilment.models import Sender
from app.fulfilment.slips import FONTS
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict
from app.orders import placing
from app.orders.models import Order
from app.orders.vat_models import Invoice, InvoiceKind, VatSettings, VatWay
from app.payments.models import Fate
from app.payments.states import RefundState
from tests.builders import (
    end_payment,
    give_back,
    keep_vat,
    open_attempt,
    open_drop,
    paid_order,
    settle_as,
    take_with_details,
)
from tests.cast import BEN, NOW
from tests.fulfilment.pdf_words import words


def _all(db: Database) -> list[Invoice]:
    with reading(db) as session:
        return list(session.scalars(select(Invoice).order_by(Invoice.id)))


def test_none_where_the_label_wants_none(db: Database) -> None:
    drop, run = open_drop(db)
    paid_order(db, drop, {run: 1})
    keep_vat(db)
    order = paid_order(db, drop, {run: 1}, BEN)
    give_back(db, order.id, Plan(postage=True))
    assert _all(db) == []


def test_one_when_the_money_is_taken_not_before(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, invoices=True)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 2}).id))
    assert payment is not None
    assert _all(db) == []
    end_payment(db, payment.id)
    end_payment(db, payment.id)
    [made] = _all(db)
    assert (made.reference, made.kind, made.total, made.order_id) == ("INV-00001", InvoiceKind.INVOICE, 4995, payment.order_id)
    assert made.buyer == "Ada Lovelace\nPrüfweg 1\n10115 Berlin\nGermany"
    assert made.facts["seller"] == ["Tinsel Tapes", "Kanalweg 9", "10999 Berlin", "Germany"]
    title = "Mira Vale – Night Bus (10 numbered, clear shell)"
    assert made.facts["lines"] == [
        {"text": title, "copies": "№ 01, 02/10", "quantity": 2, "unit": 2400, "amount": 4800},
        {"text": "Postage: Letter", "copies": "", "quantity": 1, "unit": 195, "amount": 195},
    ]
    assert made.facts["vat"] == [{"country": "Germany", "rate": 1900, "net": 4198, "tax": 797}]


def test_money_that_is_let_go_leaves_no_gap(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, invoices=True)
    gone = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}).id))
    assert gone is not None
    end_payment(db, gone.id, "canceled")
    paid_order(db, drop, {run: 1}, BEN)
    assert [made.number for made in _all(db)] == [1]


def test_a_credit_note_for_money_that_goes_back(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, invoices=True)
    order = paid_order(db, drop, {run: 2})
    give_back(db, order.id, Plan({2: Choice(Fate.PUT_BACK)}))
    give_back(db, order.id, Plan(amount=100))
    first, copy, amount = _all(db)
    assert [(each.reference, each.total) for each in (first, copy, amount)] == [
        ("INV-00001", 4995),
        ("CN-00001", 2400),
        ("CN-00002", 100),
    ]
    assert (copy.facts["of"], copy.facts["lines"][0]["copies"]) == ("INV-00001", "№ 02/10")
    assert copy.facts["vat"] == [{"country": "Germany", "rate": 1900, "net": 2017, "tax": 383}]


def test_a_refund_tried_again_is_credited_once(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, invoices=True)
    order = paid_order(db, drop, {run: 2})
    fell = give_back(db, order.id, Plan(postage=True), RefundState.FAILED)
    assert [made.kind for made in _all(db)] == [InvoiceKind.INVOICE]
    with transaction(db) as session:
        fallen.paid_otherwise(session, fell.id, "in cash", NOW)
    assert [made.reference for made in _all(db)] == ["INV-00001", "CN-00001"]


def test_one_afterwards_for_what_was_paid_before(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1})
    with pytest.raises(Conflict), transaction(db) as session:
        invoices.invoice_now(session, placing.locked(session, order.id), NOW)
    keep_vat(db, invoices=True)
    with transaction(db) as session:
        assert invoices.invoice_now(session, placing.locked(session, order.id), NOW).reference == "INV-00001"
    with pytest.raises(Conflict, match="already"), transaction(db) as session:
        invoices.invoice_now(session, placing.locked(session, order.id), NOW)


def test_what_went_back_before_is_credited_with_it(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 2})
    give_back(db, order.id, Plan(postage=True))
    give_back(db, order.id, Plan(amount=100), RefundState.FAILED)
    keep_vat(db, invoices=True)
    with transaction(db) as session:
        invoices.invoice_now(session, placing.locked(session, order.id), NOW)
    assert [(made.reference, made.total) for made in _all(db)] == [("INV-00001", 4995), ("CN-00001", 195)]
    give_back(db, order.id, Plan(amount=200))
    assert [(made.reference, made.total) for made in _all(db)][2:] == [("CN-00002", 200)]


def test_it_says_the_same_for_ever(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, invoices=True)
    order = paid_order(db, drop, {run: 2})
    [made] = _all(db)
    before = invoice_pdf.pdf(made)
    with transaction(db) as session:
        found = session.get_one(Order, order.id)
        found.line1, found.country, found.label.name = "Elsewhere 2", "FR", "Other Label"
        session.get_one(Sender, 1).city = "Hamburg"
        session.get_one(VatSettings, 1).invoice_prefix = "X-"
        session.get_one(Label, 1).country = "FR"
    [again] = _all(db)
    assert invoice_pdf.pdf(again) == before
    shown = words(before)
    for text in ("Invoice INV-00001", "Ada Lovelace", "Prüfweg 1", "№ 01, 02/10", "€49.95", "19 % Germany", "€41.98", "€7.97"):
        assert text in shown, (text, shown)


def test_a_small_business_prints_its_sentence_and_an_export_says_so(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, VatWay.NONE, invoices=True)
    paid_order(db, drop, {run: 1})
    shown = words(invoice_pdf.pdf(_all(db)[0]))
    assert "No VAT is charged, by § 19 UStG." in shown
    assert not any("VAT in it" in text for text in shown)
    with transaction(db) as session:
        session.get_one(VatSettings, 1).way = VatWay.HOME
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, BEN, country="JP").id))
    assert payment is not None
    end_payment(db, payment.id)
    assert any("Export: no VAT is charged." in text for text in words(invoice_pdf.pdf(_all(db)[1])))


def test_a_name_in_other_signs_is_printed(sqlite_db: Database) -> None:
    drop, run = open_drop(sqlite_db)
    keep_vat(sqlite_db, invoices=True)
    paid_order(sqlite_db, drop, {run: 1})
    [made] = _all(sqlite_db)
    odd = "𝗔𝗱𝗮"  # the bold DejaVu has these letters, the plain one, in which addresses are printed, does not
    made.buyer = f"{odd} 東京\nTokyo"
    assert odd not in words(invoice_pdf.pdf(made))
    assert any(odd in text for text in words(invoice_pdf.pdf(made, [FONTS / "DejaVuSans-Bold.ttf"])))

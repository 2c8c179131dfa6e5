"""Stripe Tax instead of rates of ours: asked for within the prices, read from the fetched session, frozen with the order."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.checkout.stripe_taxes import taxed
from app.kernel.db import reading
from app.kernel.money import Money
from app.orders.levy import Levy
from app.orders.models import Order
from app.orders.totals import Postage, Quote, QuoteLine
from app.orders.vat_models import OrderTax, TaxedAs, VatKind, VatWay
from app.payments.facts import SessionFacts, TaxFacts
from app.payments.states import PaymentState
from tests.builders import facts_of, keep_vat, open_attempt, open_drop, settle_as, take_with_details
from tests.story import Story

LINE = QuoteLine(1, "Tape", (1, 2), 10, Money(2400, "EUR"))
QUOTE = Quote((LINE,), Postage(7, "Letter", "DE", Money(195, "EUR")), levy=Levy(TaxedAs.STRIPE, "DE"))


@pytest.fixture
def facts(story: Story) -> SessionFacts:
    """A paid session of two tapes."""
    drop, run = open_drop(story.db)
    return facts_of(open_attempt(story.db, take_with_details(story.db, drop, {run: 2}).id))


def _rows(story: Story) -> list[tuple[TaxedAs, str, int, int, int]]:
    with reading(story.db) as session:
        rows = session.scalars(select(OrderTax).order_by(OrderTax.id))
        return [(row.taxed_as, row.country, row.rate, row.net, row.tax) for row in rows]


def test_a_purchase_is_taxed_by_stripe(story: Story) -> None:
    drop, run = open_drop(story.db)
    keep_vat(story.db, VatWay.STRIPE)
    hold = take_with_details(story.db, drop, {run: 2})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert attempt.amount == 4995
    line, posted = attempt.request["line_items"][0]["price_data"], attempt.request["shipping_options"][0]["shipping_rate_data"]
    assert attempt.request["automatic_tax"] == {"enabled": True}
    assert (line["tax_behavior"], line["product_data"]["tax_code"]) == ("inclusive", "txcd_99999999")
    assert (posted["tax_behavior"], posted["tax_code"]) == ("inclusive", "txcd_92010001")
    assert story.stripe.pay(attempt.session_id or "")["outcome"] == "complete"
    story.webhook(attempt.id)
    story.work()
    assert _rows(story) == [(TaxedAs.STRIPE, "DE", 1900, 4034, 766), (TaxedAs.STRIPE, "DE", 1900, 164, 31)]


def test_without_the_switch_stripe_is_not_asked(story: Story) -> None:
    drop, run = open_drop(story.db)
    keep_vat(story.db)
    hold = take_with_details(story.db, drop, {run: 1})
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert "automatic_tax" not in attempt.request
    assert "tax_behavior" not in str(attempt.request)


def test_a_total_that_moved_is_let_go(story: Story) -> None:
    drop, run = open_drop(story.db)
    keep_vat(story.db, VatWay.STRIPE)
    attempt = open_attempt(story.db, take_with_details(story.db, drop, {run: 2}).id)
    payment = settle_as(story.db, attempt, facts_of(attempt, amount=4995 + 797))
    assert payment is not None
    assert (payment.state, payment.void_reason) == (PaymentState.AUTHORISED, "mismatch")
    with reading(story.db) as session:
        assert session.scalars(select(Order)).all() == []


def test_what_is_not_told_line_by_line_is_shared_out(facts: SessionFacts) -> None:
    found = taxed(QUOTE, replace(facts, amount=4995, tax=797))
    assert [(row.line, row.rate, row.net, row.tax) for row in found] == [(0, 1899, 4035, 765), (None, 1899, 163, 32)]


def test_lines_that_are_not_ours_are_not_believed(facts: SessionFacts) -> None:
    strange = (TaxFacts(4800, 10, 1900, "FR"), TaxFacts(300, 10, 1900, "FR"))
    assert {row.country for row in taxed(QUOTE, replace(facts, amount=4995, tax=797, taxed=strange))} == {"DE"}
    ours = (TaxFacts(4800, 800, 2000, "FR"), TaxFacts(195, 33, 2000, "FR"))
    found: Any = [(row.country, row.kind, row.tax) for row in taxed(QUOTE, replace(facts, amount=4995, tax=833, taxed=ours))]
    assert found == [("FR", VatKind.STANDARD, 800), ("FR", VatKind.STANDARD, 33)]


def test_is_it_set_up(story: Story) -> None:
    assert story.gateway.tax_is_ready()

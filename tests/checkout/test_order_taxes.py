"""What an order was taxed is frozen when it is placed, whichever way it was, and money that goes back corrects it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.roles import Role
from app.catalogue.models import Format, Run
from app.checkout import aside
from app.checkout.parts import Choice, Plan
from app.inventory.desk_holds import Asked
from app.kernel.db import Database, reading, transaction
from app.orders.models import Order
from app.orders.vat_models import OrderTax, TaxCorrection, TaxedAs, VatRate, VatWay
from app.payments.facts import Address
from app.payments.models import Fate
from app.payments.states import DisputeState, RefundState
from tests.builders import (
    disputed,
    facts_of,
    give_back,
    keep_vat,
    make_code,
    make_drop,
    make_label,
    make_release,
    make_run,
    open_attempt,
    open_drop,
    paid_order,
    refunded_elsewhere,
    settle_as,
    take_with_details,
    total_of,
)
from tests.cast import NOW, SAM
from tests.staff.seat import make_staff

Row = tuple[TaxedAs, str, int, int, int]


def _taxes(db: Database, order_id: int) -> list[Row]:
    with reading(db) as session:
        rows = session.scalars(select(OrderTax).where(OrderTax.order_id == order_id).order_by(OrderTax.id))
        return [(row.taxed_as, row.country, row.rate, row.net, row.tax) for row in rows]


def _corrected(db: Database) -> list[tuple[int, int, int]]:
    """Of which row, net and tax."""
    with reading(db) as session:
        rows = session.scalars(select(TaxCorrection).order_by(TaxCorrection.id))
        return [(row.order_tax_id, row.net, row.tax) for row in rows]


def test_a_label_that_has_not_said(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1})
    assert _taxes(db, order.id) == [(TaxedAs.UNSAID, "DE", 0, 2400, 0), (TaxedAs.UNSAID, "DE", 0, 195, 0)]
    give_back(db, order.id, Plan(postage=True))
    assert _corrected(db) == []


def test_prices_with_vat_keep_their_total(db: Database) -> None:
    drop, run = open_drop(db)
    before = total_of(db, take_with_details(db, drop, {run: 2}).id)
    keep_vat(db)
    order = paid_order(db, drop, {run: 2})
    assert (order.total_amount, before) == (4995, 4995)
    assert _taxes(db, order.id) == [(TaxedAs.HOME, "DE", 1900, 4034, 766), (TaxedAs.HOME, "DE", 1900, 164, 31)]


def test_prices_without_vat_are_charged_with_it(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, exclusive=True)
    attempt = open_attempt(db, take_with_details(db, drop, {run: 2}).id)
    assert (attempt.amount, attempt.request["line_items"][0]["price_data"]["unit_amount"]) == (5712 + 232, 2856)
    payment = settle_as(db, attempt)
    assert payment is not None
    assert _taxes(db, payment.order_id or 0) == [(TaxedAs.HOME, "DE", 1900, 4800, 912), (TaxedAs.HOME, "DE", 1900, 195, 37)]


def test_the_rate_of_where_it_goes_by_the_labels_own_row(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, VatWay.DESTINATION)
    with transaction(db) as session:
        session.add(VatRate(label_id=1, country="FR", kind="standard", rate=2100, since=NOW.date() + timedelta(days=1)))
    for day, rate in ((NOW, 2000), (NOW + timedelta(days=1), 2100)):
        payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, now=day, country="FR").id, day), now=day)
        assert payment is not None
        assert {row[:3] for row in _taxes(db, payment.order_id or 0)} == {(TaxedAs.OSS, "FR", rate)}


def test_an_export(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db, VatWay.DESTINATION)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, country="JP").id))
    assert payment is not None
    assert _taxes(db, payment.order_id or 0) == [(TaxedAs.EXPORT, "JP", 0, 2400, 0), (TaxedAs.EXPORT, "JP", 0, 1499, 0)]


def test_a_code_that_splits_a_line_and_a_zine_beside_it(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        tape, zine = (make_run(session, make_release(session, label), price=price) for price in (1000, 500))
        session.get_one(Run, zine.id).format = Format.ZINE
        drop = make_drop(session, [tape, zine]).id
    keep_vat(db)
    make_code(db, value=501)
    order = paid_order(db, drop, {1: 3, 2: 1}, code="SPRING")
    rows = _taxes(db, order.id)
    assert sorted({rate for _, _, rate, _, _ in rows}) == [700, 1900]
    assert sum(net + tax for *_, net, tax in rows) == order.total_amount == 3500 - 501 + 195
    with reading(db) as session:
        lines = session.get_one(Order, order.id).lines
        assert len(rows) == len(lines) + 2  # postage went with both kinds


def test_late_money_and_what_is_given_away(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    attempt = open_attempt(db, take_with_details(db, drop, {run: 1}).id)
    late = settle_as(db, attempt, facts_of(attempt), NOW + timedelta(hours=1))
    assert late is not None
    assert _taxes(db, late.order_id or 0) == [(TaxedAs.HOME, "DE", 1900, 2017, 383), (TaxedAs.HOME, "DE", 1900, 164, 31)]
    sam = make_staff(db, "Sam", {1: Role.MANAGER})
    with transaction(db) as session:
        held = aside.hold_copy(session, 5, Asked("Cara", "a thank you", sam, SAM), NOW + timedelta(days=1), NOW)
        given = aside.give(session, held.id, Address("Cara", "Weg 2", "", "10115", "Berlin", "", "DE"), "", NOW)
    assert _taxes(db, given) == [(TaxedAs.HOME, "DE", 1900, 0, 0)]


def test_refunds_take_back_what_they_were_for_and_in_the_end_all_of_it(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    order = paid_order(db, drop, {run: 2})
    give_back(db, order.id, Plan({1: Choice(Fate.PUT_BACK)}))
    give_back(db, order.id, Plan(amount=100))
    give_back(db, order.id, Plan({2: Choice(Fate.PUT_BACK)}, whole=True))
    found = _corrected(db)
    assert found[0] == (1, 2017, 383)
    assert sum(net + tax for _, net, tax in found) == 4995
    assert (sum(tax for row, _, tax in found if row == 1), sum(tax for row, _, tax in found if row == 2)) == (766, 31)


def test_a_refund_from_the_dashboard_and_one_that_fell_through(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    order = paid_order(db, drop, {run: 2})
    give_back(db, order.id, Plan(postage=True), RefundState.FAILED)
    refunded_elsewhere(db, order.id, 4995)
    found = _corrected(db)
    assert found[0] == (2, 164, 31)
    assert sorted(found[1:]) == [(1, 4034, 766), (2, 164, 31)]


@pytest.mark.parametrize(("state", "rows"), [(DisputeState.WON, 0), (DisputeState.LOST, 2)])
def test_a_dispute_that_is_lost(db: Database, state: DisputeState, rows: int) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    order = paid_order(db, drop, {run: 2})
    disputed(db, order.id)
    disputed(db, order.id, state)
    disputed(db, order.id, state)
    assert _corrected(db) == [(1, 4034, 766), (2, 164, 31)][:rows]

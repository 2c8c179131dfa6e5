"""What a label sold to other countries of the union, this year and the last, beside the limit of Article 59c."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.catalogue.models import Label
from app.checkout.parts import Plan
from app.kernel.db import Database, reading, transaction
from app.kernel.money import Money
from app.orders.levy import others_of_union
from app.orders.models import Order
from app.orders.vat_models import Invoice, OrderTax, TaxedAs, VatWay
from app.payments.models import Payment
from app.reports import vat_book, vat_quarter, vat_threshold
from app.reports.vat_threshold import Threshold
from tests.builders import BERLIN, end_payment, facts_of, give_back, keep_vat, open_attempt, open_drop, settle_as, take_with_details
from tests.cast import NOW, someone


def _sell(db: Database, drop: int, run: int, country: str, *, copies: int = 1, at: datetime = NOW, who: str = "ada") -> int:
    """A paid order, its money taken at that time; its id."""
    attempt = open_attempt(db, take_with_details(db, drop, {run: copies}, someone(who), country=country).id)
    payment = settle_as(db, attempt, replace(facts_of(attempt), address=replace(BERLIN, country=country)))
    assert payment is not None
    end_payment(db, payment.id, now=NOW)
    with transaction(db) as session:
        session.get_one(Payment, payment.id).ended_at = at
    return payment.order_id or 0


def _threshold(db: Database, now: datetime = NOW) -> Threshold | None:
    with reading(db) as session:
        return vat_threshold.threshold(session, session.get_one(Label, 1), now)


def _sums(db: Database, now: datetime = NOW) -> tuple[int, int, int | None]:
    found = _threshold(db, now)
    assert found is not None
    return found.now.amount, found.before.amount, found.per_cent


@pytest.mark.parametrize("exclusive", [False, True])
def test_who_is_not_in_oss_charges_the_home_rate_in_all_of_the_union(db: Database, *, exclusive: bool) -> None:
    drop, run = open_drop(db)
    keep_vat(db, exclusive=exclusive, invoices=True)
    order = _sell(db, drop, run, "FR")
    net = (2400, 1499) if exclusive else (2017, 1260)
    with reading(db) as session:
        rows = session.scalars(select(OrderTax).where(OrderTax.order_id == order).order_by(OrderTax.id)).all()
        assert [(row.taxed_as, row.country, row.rate, row.net) for row in rows] == [
            (TaxedAs.HOME, "DE", 1900, each) for each in net
        ]
        assert session.get_one(Order, order).total_amount == (sum(net) + 456 + 285 if exclusive else 2400 + 1499)
        book = vat_book.vat_book(session, session.get_one(Label, 1), vat_quarter.of_moment(NOW, "Europe/Berlin"))
        assert (book.of("oss"), [row.net.amount for row in book.of("home")]) == ((), [sum(net)])
        paper = session.scalars(select(Invoice)).one()
        assert [(row["country"], row["rate"]) for row in paper.facts["vat"]] == [("Germany", 1900)]
    assert _sums(db) == (sum(net), 0, 0)


def test_only_other_countries_of_the_union_count(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    for who, country in enumerate(("DE", "JP", "GB", "CH", "AT", "MC")):
        _sell(db, drop, run, country, who=f"fan{who}")
    assert _sums(db)[0] == 2 * (2017 + 1260)  # Austria, and Monaco, which is taxed as France is
    assert "MC" not in others_of_union("FR")


@pytest.mark.parametrize(("way", "net"), [(VatWay.NONE, 3899), (VatWay.DESTINATION, 2000 + 1249), (None, 3899)])
def test_whatever_was_said_about_vat(db: Database, way: VatWay | None, net: int) -> None:
    drop, run = open_drop(db)
    if way is not None:
        keep_vat(db, way)
    _sell(db, drop, run, "FR")
    assert _sums(db)[0] == net


def test_what_goes_back_is_taken_off_the_year_of_its_sale(db: Database) -> None:
    drop, run = open_drop(db)
    keep_vat(db)
    last_year = datetime(2025, 12, 31, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    before = _sell(db, drop, run, "FR", at=last_year, who="ben")
    _sell(db, drop, run, "FR", at=last_year + timedelta(minutes=1))
    _sell(db, drop, run, "FR", at=last_year - timedelta(days=365), who="eve")
    assert _sums(db)[:2] == (3277, 3277)
    give_back(db, before, Plan(amount=1190))
    assert _sums(db)[:2] == (3277, 3277 - 1000)
    assert _sums(db, NOW + timedelta(days=60))[:2] == (0, 3277)


@pytest.mark.parametrize(
    ("copies", "per_cent", "warns", "over"), [(3, 60, False, False), (4, 80, True, False), (5, 100, True, True)]
)
def test_it_warns_before_it_is_used_up(db: Database, copies: int, per_cent: int, *, warns: bool, over: bool) -> None:
    drop, run = open_drop(db, price=2000_00)
    keep_vat(db, VatWay.NONE)
    _sell(db, drop, run, "FR", copies=copies)
    found = _threshold(db)
    assert found is not None
    assert (found.per_cent, found.warns, found.is_over) == (per_cent, warns, over)
    whole = replace(found, now=vat_threshold.LIMIT)
    assert not whole.is_over  # all of it may be used
    assert replace(whole, now=whole.now * 0, before=whole.now + Money(1, "EUR")).is_over  # as last year counts


def test_in_oss_nobody_is_warned_and_outside_the_union_there_is_no_limit(db: Database) -> None:
    drop, run = open_drop(db, price=3000_00)
    keep_vat(db, VatWay.DESTINATION)
    _sell(db, drop, run, "FR", copies=5)
    found = _threshold(db)
    assert found is not None
    assert (found.is_over, found.warns) == (True, False)
    with transaction(db) as session:
        session.get_one(Label, 1).country = "GB"
    assert _threshold(db) is None


def test_in_another_currency_the_sum_is_said_and_nothing_compared(db: Database) -> None:
    drop, run = open_drop(db, price=30_000_00, currency="SEK")
    keep_vat(db, VatWay.NONE)
    _sell(db, drop, run, "FR", copies=5)
    found = _threshold(db)
    assert found is not None
    assert (found.now, found.per_cent, found.warns, found.is_over) == (Money(150_000_00 + 1499, "SEK"), None, False, False)

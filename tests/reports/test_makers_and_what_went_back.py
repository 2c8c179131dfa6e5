"""What went back for no copy, and what a bank took, falls on copies that still have something left to lose."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from app.catalogue.maker_models import Maker
from app.checkout import aftermath
from app.checkout.parts import Choice, Plan
from app.kernel.db import Database, reading, transaction
from app.payments import ledger
from app.payments.facts import DisputeFacts
from app.payments.models import Fate
from app.payments.states import DisputeState
from app.reports import maker_lines, maker_page
from app.reports.book_period import Period
from tests.builders import give_back, keep_vat, make_drop, make_label, make_release, make_run, open_drop, paid_order
from tests.cast import NOW, someone
from tests.makers import make_maker, share

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), "Europe/Berlin")
Row = tuple[int, int, int]


def _columns(db: Database, maker_id: int) -> tuple[Row, Row]:
    """Paid, VAT and earned: by the statement, and added up over its lines."""
    with reading(db) as session:
        maker = session.get_one(Maker, maker_id)
        of_runs: Sequence[object] = maker_page.statement(session, maker, NOVEMBER).runs
        lines = list(maker_lines.lines(session, maker, NOVEMBER))
    return _sum(of_runs), _sum(lines)


def _sum(rows: Sequence[object]) -> Row:
    paid, tax, earned = (sum(getattr(row, name).amount for row in rows) for name in ("paid", "tax", "earned"))
    return paid, tax, earned


def _lost(db: Database, order_id: int) -> int:
    """The bank takes what is left of an order; how much that was."""
    later = NOW + timedelta(hours=1)
    with transaction(db) as session:
        payment = ledger.of_order(session, order_id)
        assert payment is not None
        amount = ledger.of(session, payment).left
        said = DisputeFacts("du_1", payment.intent_id, amount, "EUR", DisputeState.LOST, "fraudulent", later, later)
        aftermath.apply(session, payment.id, [], [said], later, "evt_lost")
        return amount


def test_however_many_in_one_minute_the_lines_are_the_statement(db: Database) -> None:
    drop, run = open_drop(db)
    maker = make_maker(db)
    share(db, maker, 10_000)
    for name in ("ada", "ben", "cara", "dora"):
        give_back(db, paid_order(db, drop, {run: 1}, someone(name)).id, Plan(amount=100))
    each = 2400 - 100 * 2400 // 2595
    assert _columns(db, maker) == ((4 * each, 0, 4 * each),) * 2


@pytest.fixture
def two(db: Database) -> tuple[int, int, int]:
    """An order of a copy of each of two runs at 24.00, VAT in it, whose makers get all; the order and the two."""
    return _two(db, says_vat=True)


@pytest.fixture
def unsaid(db: Database) -> tuple[int, int, int]:
    """The same of a label that has not said how it keeps VAT."""
    return _two(db, says_vat=False)


def _two(db: Database, *, says_vat: bool) -> tuple[int, int, int]:
    with transaction(db) as session:
        label = make_label(session)
        runs = [make_run(session, make_release(session, label)) for _ in range(2)]
        drop = make_drop(session, runs).id
    if says_vat:
        keep_vat(db)
    makers = [make_maker(db, name) for name in ("Mira", "Otto")]
    for run_id, maker in enumerate(makers, 1):
        share(db, maker, 10_000, run_id=run_id, costs_first=False)
    return paid_order(db, drop, {1: 1, 2: 1}).id, *makers


def test_a_bank_takes_nothing_of_a_copy_whose_money_has_gone_back(db: Database, two: tuple[int, int, int]) -> None:
    order, mira, otto = two
    give_back(db, order, Plan({1: Choice(Fate.PUT_BACK)}))
    assert _lost(db, order) == 2400 + 195
    assert _columns(db, mira) == ((0, 0, 0),) * 2
    assert _columns(db, otto) == ((0, 0, 0),) * 2


def test_nor_does_an_amount_for_nothing(db: Database, two: tuple[int, int, int]) -> None:
    order, mira, otto = two
    give_back(db, order, Plan({1: Choice(Fate.PUT_BACK)}, amount=1000))
    left = 2400 - 1000 * 2400 // 2595
    tax = 383 - round((1000 * 2400 // 2595) * 383 / 2400)
    assert _columns(db, mira) == ((0, 0, 0),) * 2
    assert _columns(db, otto) == ((left, tax, left - tax),) * 2


def test_who_has_all_their_money_back_has_no_more_than_that(db: Database, two: tuple[int, int, int]) -> None:
    """First an amount for the trouble, then the whole order: the copies are named at their price, and less is left of them."""
    order, *makers = two
    give_back(db, order, Plan(amount=1000))
    give_back(db, order, Plan({1: Choice(Fate.PUT_BACK), 11: Choice(Fate.PUT_BACK)}, whole=True))
    for maker in makers:
        assert _columns(db, maker) == ((0, 0, 0),) * 2


GONE_BEFORE = {
    "an amount": [Plan(amount=1000)],
    "two amounts": [Plan(amount=1000), Plan(amount=700)],
    "nearly all": [Plan(amount=4994)],
    "a copy": [Plan({1: Choice(Fate.PUT_BACK)})],
    "a copy, then an amount": [Plan({1: Choice(Fate.PUT_BACK)}), Plan(amount=1000)],
    "an amount, then a copy": [Plan(amount=1000), Plan({1: Choice(Fate.PUT_BACK)})],
    "a copy and an amount at once": [Plan({1: Choice(Fate.PUT_BACK)}, amount=1000)],
    "the postage, then an amount": [Plan(postage=True), Plan(amount=1000)],
}


@pytest.mark.parametrize("before", GONE_BEFORE.values(), ids=GONE_BEFORE)
def test_nor_where_nothing_was_said_about_vat(db: Database, unsaid: tuple[int, int, int], before: list[Plan]) -> None:
    order, *makers = unsaid
    for plan in before:
        give_back(db, order, plan)
    still = [1, 11] if all(not plan.copies for plan in before) else [11]
    give_back(db, order, Plan({each: Choice(Fate.PUT_BACK) for each in still}, whole=True))
    for maker in makers:
        assert _columns(db, maker) == ((0, 0, 0),) * 2


@pytest.mark.parametrize("before", GONE_BEFORE.values(), ids=GONE_BEFORE)
def test_nor_has_the_bank_where_nothing_was_said(db: Database, unsaid: tuple[int, int, int], before: list[Plan]) -> None:
    order, *makers = unsaid
    for plan in before:
        give_back(db, order, plan)
    _lost(db, order)
    for maker in makers:
        assert _columns(db, maker) == ((0, 0, 0),) * 2


def test_a_copy_named_after_an_amount_leaves_the_amount_to_the_others(db: Database, unsaid: tuple[int, int, int]) -> None:
    """As where VAT was said: of the copy 24.00 are gone, and what had fallen on it falls on the other copy and the postage."""
    order, mira, otto = unsaid
    give_back(db, order, Plan(amount=1000))
    after = 2400 - 1000 * 2400 // 4995
    assert _columns(db, mira) == _columns(db, otto) == ((after, 0, after),) * 2
    give_back(db, order, Plan({1: Choice(Fate.PUT_BACK)}))
    assert _columns(db, mira) == ((0, 0, 0),) * 2
    left = 2400 - 1000 * 2400 // 2595
    assert _columns(db, otto) == ((left, 0, left),) * 2

"""Makers' statements: what was paid, less fees and costs, shared; what goes back in its own period; and what is still owed."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.catalogue.maker_models import Maker
from app.catalogue.models import Label
from app.checkout import aside, fees
from app.checkout.mishap_answers import Again, Answer
from app.checkout.parts import Choice, Plan
from app.fulfilment import shipping
from app.fulfilment.models import Trouble
from app.inventory import claims
from app.inventory.desk_holds import Asked
from app.kernel.db import reading, transaction
from app.kernel.errors import BadInput, Conflict
from app.orders.models import Order
from app.payments.fee_models import FeePart, FeeWanted, PaymentFee
from app.payments.models import Fate
from app.reports import maker_lines, maker_list, maker_page
from app.reports.book_period import Period
from app.reports.maker_facts import Statement
from app.reports.maker_lines import MakerLine
from tests.builders import BERLIN, keep_vat, make_code, open_drop, take_with_details
from tests.cast import ADA, BEN, SAM, someone
from tests.checkout.test_mishaps import say
from tests.giving import all_of, asked_and_done, copies_of
from tests.makers import make_maker, pay_out, share, spend
from tests.story import Story

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30), "Europe/Berlin")
DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31), "Europe/Berlin")
FEE = 2595 * 15 // 1000 + 25  # of one copy with postage
ON_COPY = round(FEE * 2400 / 2595)


def _statement(story: Story, maker_id: int, period: Period = NOVEMBER) -> Statement:
    with reading(story.db) as session:
        return maker_page.statement(session, session.get_one(Maker, maker_id), period)


def _lines(story: Story, maker_id: int, period: Period = NOVEMBER) -> list[MakerLine]:
    with reading(story.db) as session:
        return list(maker_lines.lines(session, session.get_one(Maker, maker_id), period))


def _said(story: Story, maker_id: int, period: Period = NOVEMBER) -> list[tuple[str, int, int, int]]:
    """Kind, what was paid, what is left and what was earned of each line."""
    return [(line.kind, line.paid.amount, line.left.amount, line.earned.amount) for line in _lines(story, maker_id, period)]


@pytest.fixture(autouse=True)
def _fees_are_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker asks for them ten minutes later; here with each purchase."""
    monkeypatch.setattr("app.payments.fees.QUIET", timedelta(seconds=-1))
    real = Story.buy

    def buy(story: Story, *which: Any, **more: Any) -> Order:
        order = real(story, *which, **more)
        fees.ask(story.db, story.gateway, story.clock)
        return order

    monkeypatch.setattr(Story, "buy", buy)


@pytest.fixture
def maker(story: Story) -> int:
    """Mira, who has half of what a run of five copies at 24.00 brings; nothing is sold yet."""
    open_drop(story.db, size=5)
    maker = make_maker(story.db)
    share(story.db, maker, 5000)
    return maker


def test_half_of_what_was_paid_less_the_fee(story: Story, maker: int) -> None:
    story.buy(1, {1: 1})
    page = _statement(story, maker)
    left = 2400 - ON_COPY
    [run] = page.runs
    assert (run.copies, run.paid.amount, run.fees.amount, run.left.amount, run.tax.amount) == (1, 2400, ON_COPY, left, 0)
    assert (run.shared.amount, run.earned.amount, page.earned.amount, page.owed.amount) == (left, left // 2, left // 2, left // 2)
    assert (page.before.amount, page.paid_out.amount, page.fees_unknown) == (0, 0, 0)
    assert _said(story, maker) == [("sale", 2400, left, left // 2)]


def test_costs_are_recouped_first(story: Story, maker: int) -> None:
    spend(story.db, 3000)
    story.buy(1, {1: 1}, ADA)
    page = _statement(story, maker)
    assert (page.owed.amount, page.runs[0].spent.amount, page.runs[0].open_costs.amount) == (0, 3000, 3000 - 2400 + ON_COPY)
    story.buy(1, {1: 1}, BEN)
    page = _statement(story, maker)
    assert (page.owed.amount, page.runs[0].open_costs.amount) == ((2 * (2400 - ON_COPY) - 3000) // 2, 0)
    assert [kind for kind, *_ in _said(story, maker)] == ["cost", "sale", "sale"]


def test_a_discount_is_not_shared(story: Story, maker: int) -> None:
    make_code(story.db, value=400)
    hold = take_with_details(story.db, 1, {1: 1}, ADA, story.clock.now(), code="SPRING")
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id, "evt_coded")
    story.work()
    fees.ask(story.db, story.gateway, story.clock)
    [run] = _statement(story, maker).runs
    fee = 2195 * 15 // 1000 + 25
    assert (run.paid.amount, run.left.amount) == (2000, 2000 - round(fee * 2000 / 2195))


def test_what_goes_back_is_taken_off_in_its_own_period(story: Story, maker: int) -> None:
    order = story.buy(1, {1: 1})
    story.post()
    left = 2400 - ON_COPY
    story.clock.forward(days=10)
    asked_and_done(story, order.id, Plan(all_of(story.db, order.id, Fate.PUT_BACK), postage=True), 2595)
    assert _statement(story, maker).owed.amount == left // 2
    page = _statement(story, maker, DECEMBER)
    assert (page.before.amount, page.earned.amount, page.owed.amount) == (left // 2, -(left // 2), 0)  # nothing is left to share
    assert _said(story, maker, DECEMBER) == [("back", -2400, -2400, -(left // 2))]
    assert page.runs[0].copies == -1


def test_of_what_is_shared_before_costs_the_fee_stays_taken_off(story: Story) -> None:
    """Stripe keeps its fee of what goes back, and who gets a share of everything bears their share of it."""
    open_drop(story.db)
    maker = make_maker(story.db)
    share(story.db, maker, 5000, costs_first=False)
    order = story.buy(1, {1: 1})
    asked_and_done(story, order.id, Plan(all_of(story.db, order.id, Fate.KEPT)), 2400)
    assert _statement(story, maker).owed.amount == -ON_COPY // 2


def test_an_amount_for_no_copy_and_a_lost_dispute_fall_on_copies_in_proportion(story: Story, maker: int) -> None:
    order = story.buy(1, {1: 1}, ADA)
    asked_and_done(story, order.id, Plan({}, amount=500), 500)
    story.buy(1, {1: 1}, BEN)
    opened = story.stripe.dispute(story.intent_id(order.id))
    assert story.hears(order.id, "charge.dispute.created", "evt_one")
    story.work()
    story.stripe.end_dispute(opened["id"], "lose")
    assert story.hears(order.id, "charge.dispute.closed", "evt_two")
    story.work()
    kind = 500 * 2400 // 2595
    lost = 2400 - kind  # all of it has gone back by then
    fee = round(2000 * 2400 / 2595)
    found = sorted((line.kind, line.paid.amount, line.fee.amount) for line in _lines(story, maker))
    assert found == sorted([
        ("sale", 2400, ON_COPY), ("sale", 2400, ON_COPY), ("kindness", -kind, 0), ("dispute", -lost, 0), ("dispute-fee", 0, fee),
    ])  # fmt: skip
    whole = 2 * (2400 - ON_COPY) - kind - lost - fee
    assert _statement(story, maker).owed.amount == whole // 2


def test_terms_change_on_a_day_and_a_runs_own_go_before(story: Story, maker: int) -> None:
    story.buy(1, {1: 1}, ADA)
    story.post()
    story.clock.forward(days=1)
    share(story.db, maker, 1000, day=date(2026, 11, 28))
    story.buy(1, {1: 1}, BEN)
    story.post()
    story.clock.forward(days=1)
    share(story.db, maker, 2000, day=date(2026, 11, 29), own=True)
    story.buy(1, {1: 1}, someone("cara"))
    left = 2400 - ON_COPY
    assert [line.term.basis_points for line in _lines(story, maker) if line.term] == [5000, 1000, 2000]
    assert _statement(story, maker).owed.amount == left * 8000 // 10_000


def test_the_balance_is_carried_over(story: Story, maker: int) -> None:
    story.buy(1, {1: 1}, ADA)
    story.post()
    pay_out(story.db, maker, 1000, date(2026, 11, 30))
    half = (2400 - ON_COPY) // 2
    assert (_statement(story, maker).paid_out.amount, _statement(story, maker).owed.amount) == (1000, half - 1000)
    story.clock.forward(days=7)
    story.buy(1, {1: 1}, BEN)
    story.post()
    later = pay_out(story.db, maker, 9000, date(2026, 12, 5))
    page = _statement(story, maker, DECEMBER)
    whole = (2 * (2400 - ON_COPY)) // 2
    assert (page.before.amount, page.earned.amount, page.paid_out.amount) == (half - 1000, whole - half, 9000)
    assert page.owed.amount == whole - 10_000  # given too much
    with reading(story.db) as session:
        [row] = maker_list.rows(session, session.get_one(Label, 1), story.clock.now().date())
    assert (row.owed, row.runs, row.last_paid, later) == (page.owed, 1, date(2026, 12, 5), 2)


def test_gifts_withdrawn_copies_and_copies_sent_again_bring_nothing(story: Story, maker: int) -> None:
    bought = story.buy(1, {1: 1}, BEN)
    with transaction(story.db) as session:
        claims.withdraw(session, 5, story.clock.now(), SAM, "damaged: by somebody who is named here")
        now, asked = story.clock.now(), Asked("Mira", "for the cover", 1, SAM)
        held = aside.hold_copy(session, 3, asked, now + aside.AT_ONCE, now)
        aside.give(session, held.id, BERLIN, "mira@example.org", now)
        shipping.ship(session, bought.id, "DHL", "0034", story.clock.now(), SAM)
    [copy] = copies_of(story.db, bought.id)
    say(story.db, bought.id, {copy: Answer(Trouble.LOST, Again.OTHER)})
    found = sorted((line.kind, line.what, line.copies, line.paid.amount) for line in _lines(story, maker))
    assert found == [
        ("again", "", 1, 0), ("sale", "", 1, 0), ("sale", "", 1, 2400), ("withdrawn", "damaged", 1, 0), ("withdrawn", "lost", 1, 0),
    ]  # fmt: skip
    assert _statement(story, maker).runs[0].copies == 2


def test_a_fee_that_is_not_known_yet_is_said(story: Story, maker: int) -> None:
    story.buy(1, {1: 1})
    with transaction(story.db) as session:
        session.execute(delete(FeePart))
        session.execute(delete(PaymentFee))
        session.add(FeeWanted(payment_id=1))
    page = _statement(story, maker)
    assert (page.fees_unknown, page.owed.amount) == (1, 1200)


def test_vat_is_taken_off_and_comes_back_with_a_refund(story: Story, maker: int) -> None:
    keep_vat(story.db)
    order = story.buy(1, {1: 1})
    assert _statement(story, maker).runs[0].tax.amount == 383
    assert _statement(story, maker).owed.amount == (2017 - ON_COPY) // 2
    asked_and_done(story, order.id, Plan(all_of(story.db, order.id, Fate.KEPT)), 2400)
    assert [(line.paid.amount, line.tax.amount) for line in _lines(story, maker)] == [(2400, 383), (-2400, -383)]
    assert _statement(story, maker).owed.amount == 0


def test_the_lines_are_the_statement(story: Story, maker: int) -> None:
    """However many sales: every column of the lines adds up to what the statement says, and periods to the whole."""
    spend(story.db, 1999)
    for n, name in enumerate(("ada", "ben", "cara")):
        order = story.buy(1, {1: 1}, someone(name))
        story.post()
        if n == 1:
            first, *_ = copies_of(story.db, order.id)
            asked_and_done(story, order.id, Plan({first: Choice(Fate.KEPT)}), 2400)
            story.post()
        story.clock.forward(days=2)
    whole = Period(date(2026, 11, 1), date(2026, 12, 31), "Europe/Berlin")
    for period in (NOVEMBER, DECEMBER, whole):
        [run], lines = _statement(story, maker, period).runs, _lines(story, maker, period)
        for name in ("paid", "tax", "earned", "shared"):
            assert sum(getattr(line, name).amount for line in lines) == getattr(run, name).amount, name
        assert sum(line.left.amount for line in lines) == run.left.amount - run.spent.amount
    parts = [_statement(story, maker, period).earned.amount for period in (NOVEMBER, DECEMBER)]
    assert sum(parts) == _statement(story, maker, whole).earned.amount
    assert all(parts)


def test_makers_never_get_more_than_the_whole(story: Story, maker: int) -> None:
    other = make_maker(story.db, "Otto")
    with pytest.raises(BadInput, match="110 % from 2026-11-01"):
        share(story.db, other, 6000)
    share(story.db, other, 5000)
    with pytest.raises(BadInput):
        share(story.db, maker, 5001, day=date(2027, 1, 1), own=True)
    share(story.db, other, 2000, day=date(2027, 1, 1), own=True)
    share(story.db, maker, 8000, day=date(2027, 1, 1), own=True)


def test_the_same_payout_twice_is_a_second_click(story: Story, maker: int) -> None:
    pay_out(story.db, maker, 1000, date(2026, 11, 30))
    with pytest.raises(Conflict):
        pay_out(story.db, maker, 1000, date(2026, 11, 30))


def test_who_has_no_share_is_owed_nothing(story: Story, maker: int) -> None:
    other = make_maker(story.db, "Otto")
    story.buy(1, {1: 1})
    page = _statement(story, other)
    assert (page.runs, page.owed.amount, _lines(story, other)) == ((), 0, [])

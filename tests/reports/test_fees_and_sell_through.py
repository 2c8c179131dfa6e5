"""Fees by month and run, which add up to what Stripe kept; and how fast runs sold."""

from datetime import timedelta

import pytest

from app.catalogue.models import Label
from app.checkout import fees
from app.checkout.parts import Plan
from app.kernel.db import reading, transaction
from app.payments.models import Fate
from app.reports import book_fees, sell_through
from app.reports.book_period import Span, of_span
from app.reports.fee_facts import FeePage
from app.reports.sell_curve import SellThrough
from tests.builders import make_drop, make_label, make_release, make_run, open_drop
from tests.cast import ADA, BEN, NOW, someone
from tests.giving import all_of, asked_and_done
from tests.story import Story


def _fees(story: Story, run_id: int | None = None, label_id: int = 1) -> FeePage:
    with reading(story.db) as session:
        label = session.get_one(Label, label_id)
        return book_fees.fee_page(session, label, of_span(Span.THIS_YEAR, story.clock.now(), label.time_zone), run_id, 1)


@pytest.fixture
def two_runs(story: Story) -> tuple[int, int, int]:
    """A drop of two runs of one label: its id and theirs."""
    with transaction(story.db) as session:
        release = make_release(session, make_label(session))
        runs = [make_run(session, release, size=4), make_run(session, release, size=4, price=900)]
        return make_drop(session, runs).id, runs[0].id, runs[1].id


def test_fees_by_month_and_run_are_what_stripe_kept(story: Story, two_runs: tuple[int, int, int]) -> None:
    drop, one, other = two_runs
    story.buy(drop, {one: 1, other: 1}, ADA)
    story.post()
    story.clock.forward(days=5)
    order = story.buy(drop, {other: 1}, BEN)
    story.clock.forward(minutes=11)
    fees.ask(story.db, story.gateway, story.clock)
    story.stripe.dispute(story.intent_id(order.id))
    assert story.hears(order.id, "charge.dispute.created")
    story.work()
    page = _fees(story)
    kept = [moved["fee"] for moved in story.stripe.objects("balance_transaction") if moved["fee"]]
    assert (page.amount.amount, len(kept), page.total, page.unknown) == (sum(kept), 3, 3, 0)
    assert [(f"{each.first:%Y-%m}", each.fees, each.amount.amount) for each in page.months] == [
        ("2026-11", 1, kept[0]), ("2026-12", 2, kept[1] + kept[2]),
    ]  # fmt: skip
    assert sum(amount.amount for _, _, amount in page.runs) == sum(kept)
    assert [run_id for run_id, *_ in page.runs] == [one, other, None]
    assert [(line.disputed, line.amount.amount) for line in page.lines] == [(False, kept[0]), (False, kept[1]), (True, kept[2])]
    assert [line.reference for line in _fees(story, one).lines] == ["00001"]
    assert page.taken.amount == sum(payment.amount for payment in story.payments())


def test_what_is_not_known_is_said_and_not_reckoned_as_nothing(story: Story) -> None:
    drop, run = open_drop(story.db)
    story.buy(drop, {run: 1})  # and nobody has asked yet
    page = _fees(story)
    assert (page.unknown, page.amount.amount, page.months, page.lines) == (1, 0, (), ())


def _sold(story: Story) -> SellThrough:
    with reading(story.db) as session:
        [run] = sell_through.sell_through(session, 1, story.clock.now())
    return run


def test_how_fast_a_run_sold(story: Story) -> None:
    open_drop(story.db, size=4)  # opened five minutes ago
    story.buy(1, {1: 1}, ADA)
    story.post()
    run = _sold(story)
    assert (run.t0, run.made, run.sold, run.after) == (NOW - timedelta(minutes=5), 4, 1, (None, None, None, None))
    story.clock.forward(hours=2)
    order = story.buy(1, {1: 2}, BEN)
    story.post()
    story.clock.forward(days=2)
    asked_and_done(story, order.id, Plan(all_of(story.db, order.id, Fate.PUT_BACK), postage=True), 4800 + 195)
    story.post()
    story.clock.forward(days=6)
    run = _sold(story)
    assert (run.after, run.sold, run.per_cent(run.sold)) == ((1, 3, 1, None), 1, 25)
    assert [sold for _, sold in run.steps] == [1, 3, 1]
    curve = run.curve(story.clock.now())
    assert (len(curve), curve[-1], max(sold for _, sold in curve)) == (60, (story.clock.now(), 1), 3)


def test_a_sold_out_run_is_drawn_until_its_last_copy(story: Story) -> None:
    open_drop(story.db, size=2)
    story.buy(1, {1: 1}, ADA)
    story.clock.forward(minutes=3)
    story.buy(1, {1: 1}, someone("cara"))
    story.post()
    story.clock.forward(days=90)
    curve = _sold(story).curve(story.clock.now())
    assert (curve[-1][1], curve[-1][0] <= NOW + timedelta(minutes=10)) == (2, True)


def test_a_run_that_is_in_no_drop_yet(story: Story) -> None:
    with transaction(story.db) as session:
        make_run(session, make_release(session, make_label(session)))
    run = _sold(story)
    assert (run.t0, run.sold, run.after, run.curve(story.clock.now())) == (None, 0, (None, None, None, None), [])

"""The figures of a drop's day."""

from datetime import timedelta

from app.checkout.parts import Choice, Plan
from app.drops.models import Drop
from app.kernel import heartbeat
from app.kernel.db import reading, transaction
from app.payments.models import Fate
from app.reports.day_runs import RunDay
from app.reports.desk_day import DropDay, desk_day
from tests.builders import open_drop, take_some, take_with_details
from tests.cast import ADA, BEN
from tests.giving import asked_and_done, copies_of
from tests.story import Story


def _day(story: Story, drop: int) -> DropDay:
    with reading(story.db) as session:
        return desk_day(session, session.get_one(Drop, drop), story.clock.now())


def test_a_copy_that_was_given_back_is_not_paid_for(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    order = story.buy(drop, {run: 2})
    first, _second = copies_of(story.db, order.id)
    asked_and_done(story, order.id, Plan({first: Choice(Fate.PUT_BACK)}), 2400)
    day = _day(story, drop)
    assert day.whole == day.runs[0].day == RunDay(free=2, paid=1, refunded=1)


def test_each_copy_is_somewhere(story: Story) -> None:
    drop, run = open_drop(story.db, size=5)
    story.buy(drop, {run: 1}, ADA)
    take_some(story.db, drop, {run: 1}, BEN, story.clock.now())
    assert _day(story, drop).whole == RunDay(free=3, held=1, paid=1)
    hold = take_with_details(story.db, drop, {run: 1}, BEN, story.clock.now())
    story.pay(hold.id)
    assert _day(story, drop).whole == RunDay(free=3, paying=1, paid=1)
    [attempt] = story.attempts(hold.id)
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    story.work_on("attempt.sync")
    assert _day(story, drop).whole == RunDay(free=3, waiting=1, paid=1)
    story.work()
    assert _day(story, drop).whole == RunDay(free=3, paid=2)


def test_another_drop_with_the_same_run_has_a_day_of_its_own(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    story.buy(drop, {run: 1})
    other, mine = open_drop(story.db, size=2)
    assert _day(story, other).whole == RunDay(free=2)
    assert [strip.run_id for strip in _day(story, other).runs] == [mine]


def test_the_worker_s_pulse_and_how_late_stripe_is(story: Story) -> None:
    drop, run = open_drop(story.db, size=3)
    day = _day(story, drop)
    assert (day.news, day.worker, day.worker_is_silent) == (None, None, True)
    with transaction(story.db) as session:
        heartbeat.beat(session, heartbeat.WORKER, story.clock.now())
    story.buy(drop, {run: 1})
    story.clock.forward(seconds=4)
    day = _day(story, drop)
    assert (day.news, day.worker, day.worker_is_silent) == (0, 4, False)
    story.clock.forward(seconds=timedelta(minutes=11).total_seconds())
    day = _day(story, drop)
    assert (day.news, day.worker_is_silent) == (None, True)


def test_the_curve_begins_with_the_drop(story: Story) -> None:
    drop, run = open_drop(story.db, size=5)
    assert _day(story, drop).curve is None
    story.buy(drop, {run: 2})
    curve = _day(story, drop).curve
    assert curve is not None
    with reading(story.db) as session:
        assert curve.began == session.get_one(Drop, drop).opens_at
    assert (sum(curve.sold), curve.peak, curve.fastest) == (2, 2, 2)

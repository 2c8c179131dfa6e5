"""The books: each sale on the day its money was taken, what went back on its own day, and every figure a sum of lines."""

from datetime import date, timedelta

import pytest

from app.accounts.roles import Role
from app.catalogue.models import Label
from app.checkout import cancel, second
from app.checkout.parts import Choice, Plan
from app.kernel.db import reading, transaction
from app.kernel.errors import NotFound
from app.payments.models import Fate
from app.payments.states import DisputeState
from app.reports import book_trace, books
from app.reports.book_period import Period, Span, of_span
from app.reports.book_wish import Kind, Wish
from app.reports.books import Books
from app.reports.sell_through import sell_through
from tests.builders import disputed, open_drop
from tests.cast import ADA, BEN
from tests.giving import ask, asked_and_done, copies_of, desk
from tests.staff.seat import make_staff
from tests.story import Story

LABEL = 1


def _period(story: Story, span: Span = Span.THIS_YEAR, zone: str = "Europe/Berlin") -> Period:
    return of_span(span, story.clock.now(), zone)


def _books(story: Story, period: Period | None = None) -> Books:
    with reading(story.db) as session:
        return books.books(session, session.get_one(Label, LABEL), period or _period(story))


def _lines(story: Story, **only: object) -> list[tuple[str, str, int, int]]:
    """Kind, order, copies and amount of each line."""
    with reading(story.db) as session:
        wish = Wish(LABEL, _period(story), **only)  # type: ignore[arg-type]  # each test names what it asks for
        found = list(book_trace.every(session, wish, "EUR"))
    return [(line.kind.value, line.reference, line.copies, line.amount.amount) for line in found]


@pytest.fixture
def sold(story: Story) -> tuple[int, int]:
    """Ada bought copies 1 and 2, Ben copy 3 a day later; the day after, Ada's first copy and postage went back. The two orders."""
    drop, run = open_drop(story.db, size=5)
    ada = story.buy(drop, {run: 2}, ADA)
    story.post()
    story.clock.forward(days=1)
    ben = story.buy(drop, {run: 1}, BEN)
    story.post()
    story.clock.forward(days=1)
    first, _ = copies_of(story.db, ada.id)
    asked_and_done(story, ada.id, Plan({first: Choice(Fate.PUT_BACK)}, postage=True), 2400 + 195)
    return ada.id, ben.id


def test_what_was_taken_and_what_went_back(story: Story, sold: tuple[int, int]) -> None:
    page = _books(story)
    assert (page.whole.copies, page.whole.taken.amount, page.whole.back.amount) == (2, 3 * 2400 + 2 * 195, 2595)
    assert page.whole.kept.amount == 2 * 2400 + 195
    assert [(kind.value, amount.amount, number) for kind, amount, number in page.kinds] == [
        ("goods", 7200, 2), ("postage", 390, 2), ("goods-back", -2400, 1), ("postage-back", -195, 1),
    ]  # fmt: skip
    [run] = page.by_run
    assert (run.sum.copies, run.sum.kept.amount, run.made, run.sold, run.sell_through) == (2, 4800, 5, 2, 40)
    assert [(code, name, each.kept.amount) for code, name, each in page.by_country] == [("DE", "Germany", 4995)]


def test_each_on_its_own_day(story: Story, sold: tuple[int, int]) -> None:
    page = _books(story, _period(story, Span.THIS_QUARTER))
    days = [(f"{each.first}", each.sum.copies, each.sum.taken.amount, each.sum.back.amount) for each in page.by_day]
    assert len(days) == 31 + 30 + 31
    assert [day for day in days if day[1:] != (0, 0, 0)] == [
        ("2026-11-27", 2, 4995, 0), ("2026-11-28", 1, 2595, 0), ("2026-11-29", -1, 0, 2595),
    ]  # fmt: skip
    second = _books(story, Period(date(2026, 11, 28), date(2026, 11, 28), "UTC"))
    assert (second.whole.taken.amount, second.whole.back.amount) == (2595, 0)


def test_a_day_begins_with_the_labels_midnight(story: Story) -> None:
    drop, run = open_drop(story.db, size=5)
    story.clock.forward(hours=4, minutes=30)  # 23:30 UTC is 00:30 in Berlin
    story.buy(drop, {run: 1}, ADA)
    assert [f"{day.first}" for day in _books(story, _period(story, Span.THIS_MONTH)).by_day if day.sum.copies] == ["2026-11-28"]
    in_utc = _books(story, _period(story, Span.THIS_MONTH, "UTC"))
    assert [f"{day.first}" for day in in_utc.by_day if day.sum.copies] == ["2026-11-27"]


def test_a_long_period_goes_by_months(story: Story, sold: tuple[int, int]) -> None:
    year = _period(story)
    page = _books(story, Period(year.first.replace(year=2025), year.last, year.zone))
    assert (page.by_month, len(page.by_day)) == (True, 24)
    assert [(f"{m.first}", f"{m.last}", m.sum.copies) for m in page.by_day if m.sum.copies] == [("2026-11-01", "2026-11-30", 2)]


def test_a_month_that_begins_before_the_period_leads_to_the_lines_within_it(story: Story, sold: tuple[int, int]) -> None:
    page = _books(story, Period(date(2026, 11, 28), date(2027, 6, 30), "Europe/Berlin"))
    month = page.by_day[0]
    assert (month.first, month.last) == (date(2026, 11, 28), date(2026, 11, 30))
    with reading(story.db) as session:
        of_it = Wish(LABEL, Period(month.first, month.last, "Europe/Berlin"))
        lines = book_trace.trace(session, of_it, "EUR", 1)
    assert (lines.amount, lines.copies) == (month.sum.kept, month.sum.copies) == (page.whole.kept, 0)
    assert month.sum.kept.amount == 0


def test_every_figure_is_the_sum_of_its_lines(story: Story, sold: tuple[int, int]) -> None:
    page = _books(story)
    assert _lines(story) == [
        ("goods", "00001", 2, 4800), ("postage", "00001", 0, 195), ("goods", "00002", 1, 2400), ("postage", "00002", 0, 195),
        ("goods-back", "00001", -1, -2400), ("postage-back", "00001", 0, -195),
    ]  # fmt: skip
    [run] = page.by_run
    assert sum(amount for *_, amount in _lines(story, run_id=run.run_id)) == run.sum.kept.amount
    assert sum(amount for *_, amount in _lines(story, country="DE")) == page.by_country[0][2].kept.amount
    assert _lines(story, kind=Kind.POSTAGE_BACK) == [("postage-back", "00001", 0, -195)]
    assert (_lines(story, country="FR"), _lines(story, country="")) == ([], [])
    with reading(story.db) as session:
        first = book_trace.trace(session, Wish(LABEL, _period(story)), "EUR", 1)
        assert (first.total, first.copies, first.amount) == (6, 2, page.whole.kept)
        assert book_trace.trace(session, Wish(LABEL, _period(story)), "EUR", 2).lines == ()


def test_promised_money_is_no_sale(story: Story) -> None:
    drop, run = open_drop(story.db, size=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.story.capture.capture", lambda *_: None)  # nobody takes the money
        story.buy(drop, {run: 1})
    assert (_books(story).kinds, _lines(story)) == ((), [])


def test_a_gift_counts_its_copy(story: Story) -> None:
    drop, run = open_drop(story.db, size=5, price=0)
    order = story.give_away(drop, run)
    assert _books(story).whole.copies == 1
    assert [line for line in _lines(story) if line[1] == order.reference] == [("goods", "00001", 1, 0)]


def test_a_lost_dispute_is_money_gone(story: Story) -> None:
    drop, run = open_drop(story.db, size=5)
    order = story.buy(drop, {run: 1})
    disputed(story.db, order.id, DisputeState.LOST, now=story.clock.now() + timedelta(days=1))
    assert _lines(story)[-1] == ("dispute", order.reference, 0, -2595)
    assert _books(story).whole.kept.amount == 0


def test_another_labels_run_is_none_of_ours(story: Story, sold: tuple[int, int]) -> None:
    with reading(story.db) as session, pytest.raises(NotFound):
        book_trace.run_name(session, Wish(LABEL + 1, _period(story), run_id=1))


def test_what_was_taken_after_its_order_was_cancelled_goes_back_for_its_copies(story: Story) -> None:
    """The capture was under way: money came and went, and nothing of the run is sold."""
    drop, run = open_drop(story.db, size=5)
    attempt = story.about_to_pay(drop, {run: 2})
    story.stripe.pay(attempt.session_id or "")
    story.sync(attempt.id)
    [order] = story.orders()
    story.gateway.capture(story.intent_id(order.id), "the capture under way", {"order": order.reference})
    with transaction(story.db) as session:
        cancel.cancel_by_fan(session, order.id, story.clock.now())
    story.post()
    page = _books(story)
    [row] = page.by_run
    assert (row.sum.copies, row.sum.taken.amount, row.sum.back.amount) == (0, 4800, 4800)
    assert [(kind.value, amount.amount) for kind, amount, _ in page.kinds] == [
        ("goods", 4800), ("postage", 195), ("goods-back", -4800), ("postage-back", -195),
    ]  # fmt: skip
    with reading(story.db) as session:
        [through] = sell_through(session, LABEL, story.clock.now())
    assert through.sold == 0


def test_what_a_second_person_says_yes_to_goes_back_on_that_day(story: Story) -> None:
    drop, run = open_drop(story.db, size=5)
    order = story.buy(drop, {run: 1})
    with transaction(story.db) as session:
        session.get_one(Label, LABEL).refund_limit = 100
    sam, kim = (make_staff(story.db, name, {LABEL: Role.MANAGER}) for name in ("Sam", "Kim"))
    asked = ask(story, order.id, Plan(amount=500), 500, desk(staff_id=sam))
    story.post()
    story.clock.forward(days=5)
    november = Period(date(2026, 11, 1), date(2026, 11, 30), "Europe/Berlin")
    before = _books(story, november).whole
    with transaction(story.db) as session:
        second.confirm(session, asked.id, desk(staff_id=kim), story.clock.now())
    story.post()
    assert _books(story, november).whole == before
    assert _books(story, Period(date(2026, 12, 1), date(2026, 12, 31), "Europe/Berlin")).whole.back.amount == 500

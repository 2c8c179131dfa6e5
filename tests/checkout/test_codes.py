"""Discount codes from the form to the order: refusals, limits, what lapses and what comes late, free orders, money back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.checkout import cancel, lapse
from app.checkout.details import Details, say_where_to
from app.checkout.parts import Choice, Plan
from app.fulfilment.models import PostageRate
from app.inventory import holds
from app.inventory.models import Copy, Hold
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Paying, PriceChanged
from app.orders.models import CodeKind, DiscountCode, Order, OrderCode
from app.payments.models import CheckoutAttempt, Fate
from app.payments.states import AttemptState
from tests.builders import (
    give_back,
    make_code,
    make_label,
    open_attempt,
    open_drop,
    paid_order,
    settle_as,
    take_with_details,
    total_of,
)
from tests.cast import ADA, BEN, NOW, Person, someone
from tests.story import Story

BEN_AS_ADA = replace(BEN, email="Ada+second@example.org")


def _used(db: Database) -> list[tuple[int, int]]:
    with reading(db) as session:
        return [(each.order_id, each.code_id) for each in session.scalars(select(OrderCode).order_by(OrderCode.order_id))]


def _lines(db: Database, order_id: int) -> list[tuple[int, int, int]]:
    """How many copies at what price, and how many of them it has."""
    with reading(db) as session:
        lines = session.get_one(Order, order_id).lines
        mine = {line.id: len(session.scalars(select(Copy).where(Copy.order_line_id == line.id)).all()) for line in lines}
        return [(line.quantity, line.unit_amount, mine[line.id]) for line in lines]


def _refused(db: Database, drop: int, run: int, person: Person = ADA, code: str = "SPRING") -> str:
    with pytest.raises(BadInput) as no:
        take_with_details(db, drop, {run: 1}, person, code=code)
    assert set(no.value.fields) == {"code"}
    return no.value.detail


def test_what_is_shown_is_asked_and_sold(story: Story) -> None:
    drop, run = open_drop(story.db, price=1000)
    code = make_code(story.db)
    hold = take_with_details(story.db, drop, {run: 3}, code=" spring ")
    assert total_of(story.db, hold.id) == 2500 + 195
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    asked = [(item["quantity"], item["price_data"]["unit_amount"]) for item in attempt.request["line_items"]]
    assert asked == [(1, 834), (2, 833)]
    assert attempt.request["metadata"]["lines"] == f"{run}@834+166:1;{run}@833+167:2-3"
    assert attempt.request["metadata"]["code"] == "SPRING"
    assert story.gateway.fetch_session(attempt.session_id or "").amount == 2695
    story.stripe.pay(attempt.session_id or "")
    story.webhook(attempt.id)
    story.work()
    [order] = story.orders()
    assert (order.total_amount, _lines(story.db, order.id), _used(story.db)) == (
        2695,
        [(1, 834, 1), (2, 833, 2)],
        [(order.id, code)],
    )


def test_a_copys_money_back_is_what_was_paid_for_it(db: Database) -> None:
    drop, run = open_drop(db, price=1000)
    make_code(db)
    order = paid_order(db, drop, {run: 3}, code="SPRING")
    give_back(db, order.id, Plan({3: Choice(Fate.KEPT)}))
    with reading(db) as session:
        from_db = session.get_one(Order, order.id)
        assert from_db.total_amount == 2695
    assert [part.amount for part in give_back(db, order.id, Plan({1: Choice(Fate.KEPT)})).parts] == [834]


def test_unknown_and_foreign_codes_are_refused_in_the_same_words(db: Database) -> None:
    drop, run = open_drop(db)
    with transaction(db) as session:
        other = make_label(session).id
    make_code(db, other, "THEIRS")
    assert _refused(db, drop, run, code="THEIRS") == _refused(db, drop, run, code="NOBODYS")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"begins_at": NOW + timedelta(seconds=1)}, "cannot be used yet"),
        ({"ends_at": NOW}, "is over"),
        ({"ended_at": NOW}, "is over"),
        ({"runs": []}, "is not for these copies"),
    ],
)
def test_refusals(db: Database, made: dict[str, object], says: str) -> None:
    drop, run = open_drop(db)
    make_code(db, **made)  # type: ignore[arg-type]  # each case has its own
    assert says in _refused(db, drop, run)


def test_a_refused_code_leaves_the_hold_as_it_was(db: Database) -> None:
    drop, run = open_drop(db)
    make_code(db)
    hold = take_with_details(db, drop, {run: 1}, code="SPRING")
    _refused(db, drop, run, code="WINTER")
    assert total_of(db, hold.id) == 2400 - 500 + 195
    take_with_details(db, drop, {run: 1}, code="")
    assert total_of(db, hold.id) == 2400 + 195


def test_used_up_while_somebody_pays_and_free_again_when_that_lapses(story: Story) -> None:
    drop, run = open_drop(story.db)
    make_code(story.db, most_uses=1)
    first = take_with_details(story.db, drop, {run: 1}, ADA, code="SPRING")
    take_with_details(story.db, drop, {run: 1}, BEN, code="SPRING")  # to name it takes nothing away from anybody
    story.pay(first.id)
    assert "is used up" in _refused(story.db, drop, run, someone("cara"))
    with pytest.raises(PriceChanged):
        story.pay(2, shown=2400 - 500 + 195)
    assert total_of(story.db, 2) == 2595
    lapse.stop_paying(story.db, story.gateway, story.clock, story.attempts(first.id)[0].id)
    story.pay(2, shown=2400 - 500 + 195)
    with pytest.raises(PriceChanged):
        story.pay(first.id, shown=2400 - 500 + 195)


def test_without_it_the_full_price_may_be_paid_and_uses_nothing(story: Story) -> None:
    drop, run = open_drop(story.db)
    make_code(story.db, ends_at=NOW + timedelta(minutes=1))
    hold = take_with_details(story.db, drop, {run: 1}, code="SPRING")
    story.clock.forward(minutes=2)
    with pytest.raises(PriceChanged):
        story.pay(hold.id, shown=2400 - 500 + 195)
    story.pay(hold.id, shown=2595)
    [attempt] = story.attempts(hold.id)
    assert (attempt.amount, "discount" in attempt.quote) == (2595, False)


def test_while_being_paid_what_was_shown_stands(story: Story) -> None:
    drop, run = open_drop(story.db)
    code = make_code(story.db)
    hold = take_with_details(story.db, drop, {run: 1}, code="SPRING")
    going = story.pay(hold.id)
    with transaction(story.db) as session:
        session.get_one(DiscountCode, code).ended_at = story.clock.now()
    assert story.pay(hold.id, shown=2400 - 500 + 195).url == going.url
    with pytest.raises(Paying), transaction(story.db) as session:
        say_where_to(session, hold.id, Details(ADA.email, "DE", None, "", ""), story.clock.now())


def test_once_per_fan_counts_by_email(db: Database) -> None:
    drop, run = open_drop(db)
    make_code(db, once_per_fan=True)
    order = paid_order(db, drop, {run: 1}, code="SPRING")
    assert "each fan may use it once" in _refused(db, drop, run, BEN_AS_ADA)
    take_with_details(db, drop, {run: 1}, someone("cara"), code="SPRING")
    with transaction(db) as session:
        cancel.cancel_by_fan(session, order.id, NOW)
    take_with_details(db, drop, {run: 1}, BEN_AS_ADA, code="SPRING")  # an order that is cancelled gives its use back


def test_late_money_keeps_the_discount(db: Database) -> None:
    drop, run = open_drop(db)
    make_code(db, most_uses=1)
    hold = take_with_details(db, drop, {run: 1}, ADA, code="SPRING")
    attempt = open_attempt(db, hold.id)
    lapsed = NOW + timedelta(minutes=40)
    with transaction(db) as session:
        session.get_one(CheckoutAttempt, attempt.id).state = AttemptState.FAILED
        holds.put_back(session, session.get_one(Hold, hold.id), lapsed, "machine", "lapsed")
    ben = paid_order(db, drop, {run: 1}, BEN, code="SPRING")
    payment = settle_as(db, attempt, now=lapsed)
    assert payment is not None
    with reading(db) as session:
        late = session.get_one(Order, payment.order_id)
        assert (late.late, late.total_amount, late.coded is not None) == (True, 2400 - 500 + 195, True)
    assert [order for order, _ in _used(db)] == [ben.id, late.id]


def test_free_by_code_settles_without_stripe(story: Story) -> None:
    drop, run = open_drop(story.db, price=1000)
    make_code(story.db, kind=CodeKind.PERCENT, value=100, code="GIFT")
    with transaction(story.db) as session:
        for rate in session.scalars(select(PostageRate)):
            rate.amount = 0
    hold = take_with_details(story.db, drop, {run: 2}, code="GIFT")
    going = story.pay(hold.id)
    assert (going.url, _lines(story.db, going.order_id or 0), story.attempts(hold.id)) == (None, [(2, 0, 2)], [])
    assert _used(story.db) == [(going.order_id, 1)]


def test_below_what_a_card_can_be_charged(story: Story) -> None:
    drop, run = open_drop(story.db, price=1000)
    make_code(story.db, value=1000)
    with transaction(story.db) as session:
        for rate in session.scalars(select(PostageRate)):
            rate.amount = 49
    hold = take_with_details(story.db, drop, {run: 1}, code="SPRING")
    with pytest.raises(BadInput, match="smallest amount"):
        story.pay(hold.id)

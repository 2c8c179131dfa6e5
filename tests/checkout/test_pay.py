"""Go to pay: what is written down before Stripe is asked, what is asked, and who is sent away."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.checkout import lapse, pay, send
from app.checkout.details import Details, say_where_to
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel import throttle
from app.kernel.db import reading, transaction
from app.kernel.errors import BadInput, CannotPostThere, HoldLapsed, OverLimit, PriceChanged, Unavailable
from app.kernel.outbox import Job
from app.payments.facts import Address
from app.payments.gateway import StripeBusy, open_gateway
from app.payments.models import CheckoutAttempt
from app.payments.states import AttemptState
from tests.builders import BERLIN, RETURNS, open_drop, paid_order, take_some, take_with_details
from tests.cast import ADA, BEN, EVE, NOW, SHOP, Person
from tests.story import Story


def _ready(story: Story, *, copies: int = 1, **drop: int) -> Hold:
    drop_id, run = open_drop(story.db, **drop)
    return take_with_details(story.db, drop_id, {run: copies})


def _asked(story: Story) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in story.stripe.requests()]


def test_what_stripe_is_asked(story: Story) -> None:
    hold = _ready(story, copies=2)
    going = story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert (going.url, going.order_id, attempt.state, attempt.sent_at) == (attempt.url, None, AttemptState.OPEN, NOW)
    asked = attempt.request
    assert (asked["customer_email"], asked["mode"], asked["payment_intent_data"]["capture_method"]) == (
        ADA.email,
        "payment",
        "manual",
    )
    assert asked["metadata"] | {"shop": SHOP, "hold": str(hold.id), "attempt": str(attempt.id)} == asked["metadata"]
    assert asked["metadata"]["copies"].endswith(": № 01, 02/10")
    assert asked["shipping_address_collection"] == {"allowed_countries": ["DE"]}
    [line] = asked["line_items"]
    assert line["price_data"]["product_data"]["description"] == "№ 01, 02/10"
    assert (line["quantity"], line["price_data"]["unit_amount"], line["price_data"]["currency"]) == (2, 2400, "eur")
    assert asked["expires_at"] == int((NOW + timedelta(minutes=35)).timestamp())
    assert asked["custom_text"]["submit"]["message"].startswith("Your copies are held until 20:10 in Berlin (19:10 UTC).")
    facts = story.gateway.fetch_session(attempt.session_id or "")
    assert (facts.amount, facts.currency) == (4995, "EUR") == (attempt.amount, attempt.currency)


def test_currencies_without_decimals(story: Story) -> None:
    hold = _ready(story, price=3000, currency="JPY")
    story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert (attempt.amount, story.gateway.fetch_session(attempt.session_id or "").amount) == (3195, 3195)


def test_a_second_click_leads_to_the_same_session(story: Story) -> None:
    hold = _ready(story)
    assert story.pay(hold.id).url == story.pay(hold.id).url
    assert _asked(story) == ["POST /v1/checkout/sessions"]


def test_the_first_pay_gives_five_minutes_once(story: Story) -> None:
    hold = _ready(story)
    late = story.clock.forward(minutes=9, seconds=59)
    story.pay(hold.id)
    assert (story.hold(hold.id).expires_at, story.hold(hold.id).sent) == (late + timedelta(minutes=5), True)
    lapse.stop_paying(story.db, story.gateway, story.clock, story.attempts(hold.id)[0].id)
    story.clock.forward(minutes=4, seconds=59)
    story.pay(hold.id)
    assert story.hold(hold.id).expires_at == late + timedelta(minutes=5)
    assert len(story.attempts(hold.id)) == 2


def test_an_early_pay_takes_no_time_away(story: Story) -> None:
    hold = _ready(story)
    story.pay(hold.id)
    assert story.hold(hold.id).expires_at == NOW + timedelta(minutes=10)


def test_after_the_deadline_nobody_pays(story: Story) -> None:
    hold = _ready(story)
    story.clock.set(hold.expires_at)
    with pytest.raises(HoldLapsed):
        story.pay(hold.id)
    with pytest.raises(HoldLapsed):
        story.pay(4711, shown=2595)
    assert (story.attempts(hold.id), _asked(story)) == ([], [])


@pytest.mark.parametrize("shown", [0, 2594, 2596, 259500, -2595, 10**30])
def test_another_total_than_shown_is_refused(story: Story, shown: int) -> None:
    hold = _ready(story)
    with pytest.raises(PriceChanged):
        story.pay(hold.id, shown=shown)
    assert (story.attempts(hold.id), _asked(story), story.hold(hold.id).grace_given) == ([], [], False)


def test_the_price_may_change_before_but_not_while_one_pays(story: Story) -> None:
    hold = _ready(story)
    with transaction(story.db) as session:
        session.execute(text("UPDATE runs SET price = 2500"))
    with pytest.raises(PriceChanged):
        story.pay(hold.id, shown=2595)
    first = story.pay(hold.id, shown=2695)
    with transaction(story.db) as session:
        session.execute(text("UPDATE runs SET price = 2600"))
    second = story.pay(hold.id, shown=2795)
    assert first.url != second.url
    old, new = story.attempts(hold.id)
    assert (old.state, new.state, new.amount) == (AttemptState.EXPIRED, AttemptState.OPEN, 2795)
    assert story.gateway.fetch_session(old.session_id or "").status == "expired"


def test_who_has_not_said_where_to_is_asked(story: Story) -> None:
    drop, run = open_drop(story.db)
    hold = take_some(story.db, drop, {run: 1}).hold
    with pytest.raises(BadInput) as refusal:
        story.pay(hold.id)
    assert list(refusal.value.fields) == ["email"]
    assert _asked(story) == []


def test_where_nothing_goes_cannot_be_paid(story: Story) -> None:
    hold = _ready(story, copies=8)
    with transaction(story.db) as session:
        session.execute(text("UPDATE runs SET weight = 5000"))
    with pytest.raises(CannotPostThere):
        story.pay(hold.id, shown=1)
    assert story.attempts(hold.id) == []


def test_below_stripes_minimum_is_refused(story: Story) -> None:
    hold = _ready(story, price=0)
    with transaction(story.db) as session:
        session.execute(text("UPDATE postage_rates SET amount = 49"))
    with pytest.raises(BadInput, match="smallest amount"):
        story.pay(hold.id)
    with transaction(story.db) as session:
        session.execute(text("UPDATE postage_rates SET amount = 50"))
    assert story.pay(hold.id).url


def test_what_costs_nothing_needs_no_stripe(story: Story) -> None:
    hold = _ready(story, price=0)
    with transaction(story.db) as session:
        session.execute(text("UPDATE postage_rates SET amount = 0"))
    going = pay.pay(story.db, story.gateway, story.clock, hold.id, 0, RETURNS, lambda _: BERLIN)
    [order] = story.orders()
    assert (going.order_id, going.url) == (order.id, None)
    assert (order.total_amount, order.number, order.attempt_id, order.name, order.country) == (0, 1, None, ADA.name, "DE")
    assert (story.hold(hold.id).state, story.letters("mail.confirmed"), _asked(story)) == (HoldState.SPENT, 1, [])
    with pytest.raises(HoldLapsed):
        story.pay(hold.id, shown=0)


def test_the_email_counts_whatever_the_cookie(story: Story) -> None:
    drop, run = open_drop(story.db, limit=1)
    paid_order(story.db, drop, {run: 1}, ADA)
    again = take_with_details(story.db, drop, {run: 1}, Person("Ada", "ADA+2@example.org", BEN.fan))
    with pytest.raises(OverLimit, match="you have 1 already"):
        story.pay(again.id)
    assert (story.attempts(again.id), story.hold(again.id).grace_given) == ([], False)


EVE_AS_ADA = replace(EVE, email="Ada+mine@example.org")


def test_who_only_typed_an_email_uses_up_nothing_of_it(story: Story) -> None:
    drop, run = open_drop(story.db, limit=1)
    typed = take_with_details(story.db, drop, {run: 1}, EVE_AS_ADA)
    hers = take_with_details(story.db, drop, {run: 1}, ADA)
    assert story.pay(hers.id).url
    with pytest.raises(OverLimit, match="you have 1 already"):
        story.pay(typed.id)
    assert story.attempts(typed.id) == []


def test_who_went_to_pay_uses_it_up_until_their_session_is_expired(story: Story) -> None:
    drop, run = open_drop(story.db, limit=1)
    eves = take_with_details(story.db, drop, {run: 1}, EVE_AS_ADA)
    story.pay(eves.id)
    hers = take_with_details(story.db, drop, {run: 1}, ADA)
    with pytest.raises(OverLimit):
        story.pay(hers.id)
    lapse.stop_paying(story.db, story.gateway, story.clock, story.attempts(eves.id)[0].id)
    assert story.hold(eves.id).state is HoldState.ACTIVE
    assert story.pay(hers.id).url
    with pytest.raises(OverLimit):
        story.pay(eves.id)


def test_a_closing_hold_still_counts(story: Story) -> None:
    drop, run = open_drop(story.db, limit=1)
    eves = take_with_details(story.db, drop, {run: 1}, EVE_AS_ADA)
    story.pay(eves.id)
    with transaction(story.db) as session:
        session.execute(text("UPDATE holds SET state = 'closing'"))
    hers = take_with_details(story.db, drop, {run: 1}, ADA)
    with pytest.raises(OverLimit):
        story.pay(hers.id)


def test_the_cookie_counts_whatever_the_email(story: Story) -> None:
    """An order of this cookie that came late, while another hold was already there."""
    drop, run = open_drop(story.db, limit=1)
    paid_order(story.db, drop, {run: 1}, ADA)
    hold = take_with_details(story.db, drop, {run: 1}, BEN)
    with transaction(story.db) as session:
        session.execute(text("UPDATE orders SET fan = 'ben-cookie', late = true"))
    with pytest.raises(OverLimit):
        story.pay(hold.id)


def test_when_all_places_at_stripe_are_taken_the_worker_goes(story: Story) -> None:
    hold = _ready(story)
    with story.gateway.place(), story.gateway.place(), story.gateway.place(), story.gateway.place():
        assert story.pay(hold.id) == pay.Going()
        assert story.pay(hold.id) == pay.Going()
    [attempt] = story.attempts(hold.id)
    assert (attempt.state, attempt.sent_at, _asked(story)) == (AttemptState.WANTED, None, [])
    story.clock.forward(seconds=2)
    story.work()
    assert story.pay(hold.id).url == story.attempt(attempt.id).url is not None


def test_at_most_twenty_sessions_a_second(story: Story) -> None:
    hold = _ready(story)
    with transaction(story.db) as session:
        for _ in range(20):
            throttle.hit(session, "stripe.sessions", most=20, per=timedelta(seconds=1), now=NOW)
    assert story.pay(hold.id) == pay.Going()
    with pytest.raises(StripeBusy):  # nor does the worker ask more often
        send.send(story.db, story.gateway, story.clock, story.attempts(hold.id)[0].id)
    assert _asked(story) == []
    story.clock.forward(seconds=2)
    story.work()
    assert story.pay(hold.id).url


def test_stripe_refusing_changes_nothing_for_the_hold(story: Story) -> None:
    hold = _ready(story)
    with transaction(story.db) as session:
        say_where_to(session, hold.id, Details(ADA.email, "KP", None, ""), NOW)  # Stripe ships nothing there
    with pytest.raises(Unavailable) as refusal:
        story.pay(hold.id)
    [attempt] = story.attempts(hold.id)
    assert (attempt.state, refusal.value.retry_after, story.hold(hold.id).state) == (AttemptState.FAILED, 5, HoldState.ACTIVE)
    with transaction(story.db) as session:
        say_where_to(session, hold.id, Details(ADA.email, "DE", None, ""), NOW)
    assert story.pay(hold.id).url


def test_without_stripe_nobody_changes_what_they_pay_for(story: Story) -> None:
    hold = _ready(story)
    story.pay(hold.id)
    with transaction(story.db) as session:
        session.execute(text("UPDATE runs SET price = 2500"))
    lonely = open_gateway("sk_test_x", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="still closing"):
        pay.pay(story.db, lonely, story.clock, hold.id, 2695, RETURNS, lambda _: Address())
    lonely.client._requestor._client.close()
    assert [attempt.state for attempt in story.attempts(hold.id)] == [AttemptState.OPEN]


def test_the_attempt_and_its_job_are_written_before_stripe_is_asked(story: Story) -> None:
    hold = _ready(story)
    lonely = open_gateway("sk_test_x", "http://127.0.0.1:9")
    assert pay.pay(story.db, lonely, story.clock, hold.id, 2595, RETURNS, lambda _: Address()) == pay.Going()
    lonely.client._requestor._client.close()
    [attempt] = story.attempts(hold.id)
    assert (attempt.state, attempt.session_id) == (AttemptState.UNKNOWN, None)
    with reading(story.db) as session:
        assert session.scalars(select(Job.key)).all() == [f"{send.SEND}:{attempt.id}"]
        assert session.get_one(CheckoutAttempt, attempt.id).request["expires_at"] == int((NOW + timedelta(minutes=35)).timestamp())
    story.clock.forward(seconds=2)
    story.work()  # Stripe is back: the same request under the same key
    assert story.attempt(attempt.id).state is AttemptState.OPEN
    assert story.pay(hold.id).url

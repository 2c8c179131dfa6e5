"""Pairs that meet over money, events and jobs: heard twice is done once, one buyer is one buyer, one job has one worker."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import requests
from sqlalchemy import func, select

from app.catalogue import runs
from app.catalogue.models import Run
from app.catalogue.runs import RunWords
from app.checkout import capture, sync
from app.checkout.follow import CONFIRM
from app.checkout.pay import Going
from app.checkout.settle import CAPTURE
from app.drops import selling, stopping
from app.inventory import holds
from app.inventory.models import Hold
from app.inventory.states import HoldState
from app.kernel import outbox
from app.kernel.db import reading, transaction
from app.kernel.errors import OverLimit, PriceChanged
from app.kernel.outbox import Job, JobState
from app.payments import attempts
from app.payments.facts import EventFacts
from app.payments.models import CheckoutAttempt, StripeEvent
from app.payments.states import AttemptState, PaymentState
from tests.builders import make_code, open_attempt, open_drop, settle_as, take_some, take_with_details
from tests.cast import ADA, BEN, SHOP
from tests.races import guards
from tests.races.pairs import Call, Control, Pair, Part
from tests.races.stock_pairs import ASK, PRICE, PUT_BACK, open_too_long, press_pay, ready, sweep
from tests.story import Story

BEN_AS_ADA = replace(BEN, email="Ada+second@example.org")
PLACE = r"INSERT INTO orders"
QUEUE = r"INSERT INTO outbox"

_FREE_SETTLE = (guards.without_lock(holds, Hold), guards.without_lock(attempts, CheckoutAttempt), guards.payment_without_lock)


# Scenes.


def paying(story: Story) -> Any:
    """Ada's payment page is open."""
    at = ready(story)
    story.pay(at.hold)
    [attempt] = story.attempts(at.hold)
    at.attempt, at.session = attempt.id, attempt.session_id
    return at


def paid(story: Story) -> Any:
    """Ada has paid on Stripe's page; nobody has told us."""
    at = paying(story)
    story.stripe.pay(at.session)
    return at


def authorised(story: Story) -> Any:
    """Ada's order is placed, her money not captured yet."""
    at = paid(story)
    sync.sync(story.db, story.gateway, story.clock, at.attempt)
    [payment] = story.payments()
    at.payment = payment.id
    return at


def paid_too_late(story: Story) -> Any:
    """Ada's payment page is open a moment too long; her attempt is known."""
    at = open_too_long(story)
    [attempt] = story.attempts(at.hold)
    at.attempt, at.session = attempt.id, attempt.session_id
    return at


def after_closing(story: Story) -> Any:
    """The drop is over, so its price may change; Ada's hold lives on."""
    at = ready(story)
    with transaction(story.db) as session:
        stopping.stop(session, at.drop, "The plant called.", story.clock.now())
    return at


def two_cookies(story: Story) -> Any:
    """Each fan may have one. Late money is about to come for Ada's first hold, while she holds another with another cookie."""
    drop, run = open_drop(story.db, size=5, limit=1)
    at = SimpleNamespace(drop=drop, run=run)
    at.attempt = open_attempt(story.db, take_with_details(story.db, drop, {run: 1}, ADA).id)
    with transaction(story.db) as session:
        attempts.move(session.get_one(CheckoutAttempt, at.attempt.id), AttemptState.EXPIRED, story.clock.now())
        session.get_one(CheckoutAttempt, at.attempt.id).state = AttemptState.FAILED
    with transaction(story.db) as session:
        holds.put_back(session, session.get_one(Hold, at.attempt.hold_id), story.clock.now(), "machine", "lapsed")
    take_some(story.db, drop, {run: 1}, BEN)
    return at


def two_holds(story: Story) -> Any:
    """Each fan may have one; two holds name one e-mail, and neither has gone to pay."""
    drop, run = open_drop(story.db, size=5, limit=1)
    mine, second = (take_with_details(story.db, drop, {run: 1}, person).id for person in (ADA, BEN_AS_ADA))
    return SimpleNamespace(drop=drop, run=run, holds=(mine, second))


def one_use(story: Story) -> Any:
    """A code may be used once; Ada's and Ben's holds both name it, and neither has gone to pay."""
    drop, run = open_drop(story.db, size=5)
    make_code(story.db, most_uses=1)
    at = SimpleNamespace(drop=drop, run=run)
    at.holds = tuple(take_with_details(story.db, drop, {run: 1}, person, code="SPRING").id for person in (ADA, BEN))
    return at


def one_job(story: Story) -> Any:
    """One job waits."""
    with transaction(story.db) as session:
        outbox.enqueue(session, "deed", "1", {}, now=story.clock.now())
    return SimpleNamespace()


# Deeds.


def hear(id_: str, kind: str = "checkout.session.completed") -> Any:
    """An event comes in."""

    def deed(story: Story, at: Any) -> bool:
        event = EventFacts(id_, kind, story.clock.now(), False, None, at.session, SHOP, at.attempt, at.session, None)
        with transaction(story.db) as session:
            return sync.hear(session, event, SHOP, story.clock.now(), live=False)

    return deed


def poll(story: Story, at: Any) -> int:
    """The poller comes by."""
    with transaction(story.db) as session:
        return sync.poll(session, story.clock.now())


def later(stage: Any) -> Any:
    """The same half a minute later, when the poller asks about it."""

    def staged(story: Story) -> Any:
        at = stage(story)
        story.clock.forward(seconds=31)
        return at

    return staged


def ask_stripe(story: Story, at: Any) -> int | None:
    """Ask Stripe and settle; the number that the fan's order page shows afterwards."""
    sync.sync(story.db, story.gateway, story.clock, at.attempt)
    return next((order.number for order in story.orders() if order.attempt_id == at.attempt), None)


def pay_at_stripe(story: Story, at: Any) -> str:
    """Ada pays on Stripe's page and comes back; refused when the page is gone."""
    try:
        story.stripe.pay(at.session)
    except requests.HTTPError:
        return "gone"
    ask_stripe(story, at)
    return "paid"


def take_money(story: Story, at: Any) -> None:
    """Capture the payment."""
    capture.capture(story.db, story.gateway, story.clock, at.payment)


def late_money(story: Story, at: Any) -> bool:
    """Money for the first hold; did it bring an order?"""
    payment = settle_as(story.db, at.attempt, now=story.clock.now())
    return payment is not None and payment.order_id is not None


def pay_with_another_cookie(story: Story, at: Any) -> bool:
    """The same person goes to pay with the other cookie."""
    return open_attempt(story.db, take_with_details(story.db, at.drop, {at.run: 1}, BEN_AS_ADA).id) is not None


def go_to_pay(which: int) -> Any:
    """One of the two goes to pay."""
    return lambda story, at: open_attempt(story.db, at.holds[which]) is not None


def raise_price(story: Story, at: Any) -> None:
    """The label changes the price of the run."""
    with transaction(story.db) as session:
        run = session.get_one(Run, at.run)
        words = {name: getattr(run, name) for name in RunWords.__dataclass_fields__} | {"price": 3000}
        runs.edit(session, at.run, RunWords(**words), selling.price_lock(session, at.run, story.clock.now()))


def lease(owner: str) -> Any:
    """A worker takes what is due."""

    def deed(story: Story, at: Any) -> list[int]:
        with transaction(story.db) as session:
            return [job.id for job in outbox.lease(session, owner, story.clock.now())]

    return deed


# What must be true.


def _waiting(story: Story, kind: str) -> int:
    with reading(story.db) as session:
        return session.scalar(select(func.count()).where(Job.kind == kind, Job.state == JobState.WAITING)) or 0


def news_once(story: Story, _at: Any, a: Any, b: Any) -> None:
    """The event is kept once, is news once, and has Stripe asked once."""
    assert sorted([a, b]) == [False, True]
    with reading(story.db) as session:
        assert session.scalars(select(StripeEvent.id)).all() == ["evt_1"]
    assert _waiting(story, sync.SYNC) == 1


def one_question(events: int) -> Any:
    """So many events are kept, and Stripe is asked once; what it says makes one order."""

    def after(story: Story, _at: Any, _a: Any, _b: Any) -> None:
        with reading(story.db) as session:
            assert len(session.scalars(select(StripeEvent.id)).all()) == events
        assert _waiting(story, sync.SYNC) == 1
        story.work()
        assert [order.number for order in story.orders()] == [1]

    return after


def one_order(story: Story, _at: Any, a: Any, b: Any) -> None:
    """Both see the same order; one payment, one capture."""
    assert (a, b) == (1, 1)
    assert (len(story.orders()), len(story.payments()), _waiting(story, CAPTURE)) == (1, 1, 1)


def captured_once(story: Story, _at: Any, a: Any, b: Any) -> None:
    """The money is taken once and confirmed once."""
    assert (a, b) == (None, None)
    assert [payment.state for payment in story.payments()] == [PaymentState.CAPTURED]
    assert [charge["amount_captured"] for charge in story.stripe.objects("charge")] == [PRICE]
    assert _waiting(story, CONFIRM) == 1


def stripe_decides(story: Story, at: Any, a: Any, _b: Any) -> None:
    """Who could pay has the copy, in time; no copy is put back while its payment page can still be paid."""
    story.work()
    if a == "paid":
        assert [(order.number, order.late) for order in story.orders()] == [(1, False)]
        assert [payment.state for payment in story.payments()] == [PaymentState.CAPTURED]
        assert (story.stock(at.run).copies, story.hold(at.hold).state) == ("s", HoldState.SPENT)
    else:
        assert (story.orders(), story.payments(), story.stock(at.run).copies) == ([], [], "a")


def one_buyer(story: Story, _at: Any, a: Any, b: Any) -> None:
    """One of the two is let through, and nobody has two."""
    assert (a, type(b)) in {(True, OverLimit), (False, bool)}
    assert len(story.orders()) == (1 if a else 0)


def one_goes(story: Story, at: Any, a: Any, b: Any) -> None:
    """One of the two is on the way to pay, the other is told why not."""
    assert {type(a), type(b)} == {bool, OverLimit}
    assert sorted(len(story.attempts(hold)) for hold in at.holds) == [0, 1]


def one_uses_it(story: Story, at: Any, a: Any, b: Any) -> None:
    """One of the two pays less, the other is told that the total is different now."""
    assert {type(a), type(b)} == {bool, PriceChanged}
    assert sorted(len(story.attempts(hold)) for hold in at.holds) == [0, 1]


def shown_is_asked(story: Story, at: Any, a: Any, b: Any) -> None:
    """Ada pays what she was shown, or is told that it changed."""
    assert a is None
    asked = [(attempt.amount, story.gateway.fetch_session(attempt.session_id or "").amount) for attempt in story.attempts(at.hold)]
    assert (type(b), asked) in [(Going, [(PRICE, PRICE)]), (PriceChanged, [])]


def leased_once(_story: Story, _at: Any, a: Any, b: Any) -> None:
    """One worker has the job."""
    assert a + b == [1]


MONEY = (
    Pair(
        "pay ‖ expire call",
        paid_too_late,
        Part(pay_at_stripe, r"INSERT INTO payments"),
        Part(sweep, Call("expire_session")),
        stripe_decides,
        Control((guards.put_back_blindly,), first="b", bare=False, moment=PUT_BACK),
    ),
    Pair(
        "webhook ‖ way back",
        paid,
        Part(ask_stripe, PLACE),
        Part(ask_stripe, PLACE),
        one_order,
        Control(_FREE_SETTLE, loose=("orders", "payments", "order_lines", "parcels", "outbox")),
    ),
    Pair(
        "webhook ‖ webhook, the same event",
        paid,
        Part(hear("evt_1"), r"INSERT INTO stripe_events"),
        Part(hear("evt_1"), r"INSERT INTO stripe_events"),
        news_once,
        Control((guards.look_then_remember,), loose=("stripe_events", "outbox")),
    ),
    Pair(
        "webhook ‖ webhook, another type",
        paid,
        Part(hear("evt_1"), QUEUE),
        Part(hear("evt_2", "payment_intent.amount_capturable_updated"), QUEUE),
        one_question(2),
        Control(loose=("outbox",)),
    ),
    Pair(
        "webhook ‖ poller",
        later(paid),
        Part(hear("evt_1"), QUEUE),
        Part(poll, QUEUE),
        one_question(1),
        Control(loose=("outbox",)),
    ),
    Pair(
        "capture ‖ capture",
        authorised,
        Part(take_money, Call("capture")),
        Part(take_money, Call("capture")),
        captured_once,
        Control((guards.payment_without_lock,), loose=("outbox",), moment=r"UPDATE payments SET"),
    ),
    Pair(
        "limit ‖ limit: two cookies of one person",
        two_cookies,
        Part(late_money, PLACE),
        Part(pay_with_another_cookie, ASK),
        one_buyer,
        Control((guards.without_buyers_lock,)),
    ),
    Pair(
        "limit ‖ limit: two holds of one person",
        two_holds,
        Part(go_to_pay(0), ASK),
        Part(go_to_pay(1), ASK),
        one_goes,
        Control((guards.without_buyers_lock,)),
    ),
    Pair(
        "code ‖ code: one use",
        one_use,
        Part(go_to_pay(0), ASK),
        Part(go_to_pay(1), ASK),
        one_uses_it,
        Control((guards.without_codes_lock,)),
    ),
    Pair(
        "price edit ‖ pay",
        after_closing,
        Part(raise_price, r"UPDATE runs SET"),
        Part(press_pay, r"SELECT copies\.number, runs\..*FROM copies"),
        shown_is_asked,
        Control((guards.whatever_it_costs,), first="b"),
    ),
    Pair(
        "worker ‖ worker",
        one_job,
        Part(lease("w1"), r"UPDATE outbox"),
        Part(lease("w2"), r"UPDATE outbox"),
        leased_once,
        Control((guards.without_second_look,)),
    ),
)

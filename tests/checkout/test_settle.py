"""Settle: idempotent, forward only, and never a copy too many, whatever is said in whatever sequence."""

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from app.checkout.details import Details, say_where_to
from app.checkout.settle import settle
from app.inventory.models import Copy, Hold
from app.inventory.states import HoldState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import SoldOut
from app.kernel.outbox import Job
from app.orders.models import Order
from app.payments.facts import SessionFacts, SessionStatus
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from tests.builders import end_payment, facts_of, open_attempt, open_drop, settle_as, take_some, take_with_details
from tests.cast import ADA, BEN, NOW


@pytest.fixture
def attempt(db: Database) -> CheckoutAttempt:
    drop, run = open_drop(db, size=2)
    return open_attempt(db, take_with_details(db, drop, {run: 1}).id)


def _state(db: Database) -> dict[str, object]:
    with reading(db) as session:
        return {
            "attempt": session.scalars(select(CheckoutAttempt.state)).all(),
            "hold": session.scalars(select(Hold.state).order_by(Hold.id)).all(),
            "orders": session.execute(select(Order.number, Order.state, Order.total_amount)).all(),
            "payments": session.execute(select(Payment.state, Payment.void_reason)).all(),
            "copies": "".join(state[0] for state in session.scalars(select(Copy.state).order_by(Copy.number))),
            "jobs": sorted(session.scalars(select(Job.key).where(Job.kind != "attempt.send"))),
        }


def test_an_open_session_changes_nothing(db: Database, attempt: CheckoutAttempt) -> None:
    before = _state(db)
    assert settle_as(db, attempt, facts_of(attempt, SessionStatus.OPEN)) is None
    assert _state(db) == before


def test_authorised_money_makes_the_order_and_asks_for_the_capture(db: Database, attempt: CheckoutAttempt) -> None:
    payment = settle_as(db, attempt)
    assert payment is not None
    assert (payment.state, payment.amount, payment.intent_id, payment.charge_id) == (PaymentState.AUTHORISED, 2595, "pi_1", "ch_1")
    assert _state(db) == {
        "attempt": ["complete"],
        "hold": ["spent"],
        "orders": [(1, "placed", 2595)],
        "payments": [("authorised", None)],
        "copies": "aa",  # allocated, available
        "jobs": ["payment.capture:1"],
    }
    with reading(db) as session:
        assert session.scalars(select(Copy.state).order_by(Copy.number)).all() == ["allocated", "available"]


def test_the_same_again_changes_nothing(db: Database, attempt: CheckoutAttempt) -> None:
    settle_as(db, attempt)
    once = _state(db)
    settle_as(db, attempt)
    assert _state(db) == once


def test_money_taken_at_once_is_confirmed_at_once(db: Database, attempt: CheckoutAttempt) -> None:
    settle_as(db, attempt, facts_of(attempt, intent_status="succeeded"))
    found = _state(db)
    assert (found["payments"], found["jobs"]) == ([("captured", None)], ["mail.confirmed:1", "payment.capture:1"])


@pytest.mark.parametrize(
    "sayings", list(itertools.permutations(("open", "requires_capture", "succeeded", "expired"))), ids="-".join
)
def test_news_in_any_sequence_ends_alike(sqlite_db: Database, sayings: tuple[str, ...]) -> None:
    """What is stale or twisted cannot undo what is further; Stripe itself never says paid after expired."""
    drop, run = open_drop(sqlite_db, size=2)
    attempt = open_attempt(sqlite_db, take_with_details(sqlite_db, drop, {run: 1}).id)
    expired_first = sayings.index("expired") < min(sayings.index("requires_capture"), sayings.index("succeeded"))
    for saying in sayings:
        if not (expired_first and saying in {"requires_capture", "succeeded"}):
            settle_as(sqlite_db, attempt, _saying(attempt, saying))
    found = _state(sqlite_db)
    if expired_first:
        assert (found["attempt"], found["orders"], found["hold"]) == (["expired"], [], ["active"])
    else:
        assert (found["attempt"], found["payments"], found["orders"]) == (["complete"], [("captured", None)], [(1, "placed", 2595)])


def _saying(attempt: CheckoutAttempt, saying: str) -> SessionFacts:
    if saying in {"open", "expired"}:
        return facts_of(attempt, SessionStatus(saying))
    return facts_of(attempt, intent_status=saying)


def test_a_bank_that_thinks_is_waited_for(db: Database, attempt: CheckoutAttempt) -> None:
    assert settle_as(db, attempt, facts_of(attempt, intent_status="processing")) is None
    assert (_state(db)["attempt"], _state(db)["orders"]) == (["open"], [])


def test_money_let_go_before_we_heard_of_it_is_like_an_expired_session(db: Database, attempt: CheckoutAttempt) -> None:
    assert settle_as(db, attempt, facts_of(attempt, intent_status="canceled")) is None
    assert (_state(db)["attempt"], _state(db)["hold"], _state(db)["orders"]) == (["expired"], ["active"], [])


def test_a_bank_that_says_no_days_later_ends_the_attempt_and_its_hold(db: Database, attempt: CheckoutAttempt) -> None:
    assert settle_as(db, attempt, facts_of(attempt, intent_status="processing")) is None
    assert (_state(db)["attempt"], _state(db)["hold"]) == (["open"], ["active"])
    with transaction(db) as session:
        session.execute(text("UPDATE holds SET state = 'closing'"))
    assert settle_as(db, attempt, facts_of(attempt, intent_status="requires_payment_method")) is None
    assert (_state(db)["attempt"], _state(db)["hold"], _state(db)["copies"]) == (["expired"], ["put_back"], "aa")
    assert (_state(db)["orders"], _state(db)["payments"]) == ([], [])


def test_a_closing_hold_is_put_back_when_nobody_can_pay(db: Database, attempt: CheckoutAttempt) -> None:
    with transaction(db) as session:
        session.execute(text("UPDATE holds SET state = 'closing'"))
    settle_as(db, attempt, facts_of(attempt, SessionStatus.EXPIRED))
    assert (_state(db)["hold"], _state(db)["copies"]) == (["put_back"], "aa")


@pytest.mark.parametrize(("amount", "currency"), [(2594, None), (2596, None), (2595, "USD")])
def test_another_amount_or_currency_is_let_go(db: Database, attempt: CheckoutAttempt, amount: int, currency: str | None) -> None:
    payment = settle_as(db, attempt, facts_of(attempt, amount=amount, currency=currency))
    assert payment is not None
    assert (payment.void_reason, payment.order_id) == ("mismatch", None)
    assert _state(db) | {"jobs": ["payment.void:1"], "hold": ["active"], "orders": []} == _state(db)


def test_a_mismatch_on_a_closing_hold_puts_it_back(db: Database, attempt: CheckoutAttempt) -> None:
    with transaction(db) as session:
        session.execute(text("UPDATE holds SET state = 'closing'"))
    settle_as(db, attempt, facts_of(attempt, amount=1))
    assert (_state(db)["hold"], _state(db)["copies"]) == (["put_back"], "aa")


def test_another_attempts_session_is_ignored(db: Database, attempt: CheckoutAttempt) -> None:
    drop, run = open_drop(db)
    other = open_attempt(db, take_with_details(db, drop, {run: 1}, BEN).id)
    before = _state(db)
    with transaction(db) as session:
        settle(session, attempt.id, facts_of(other), NOW)
        settle(session, 4711, facts_of(other), NOW)
    assert _state(db) == before


def _believe_failed(db: Database, attempt: CheckoutAttempt) -> None:
    with transaction(db) as session:
        session.execute(text("UPDATE checkout_attempts SET state = 'failed', ended_at = created_at"))


def test_money_for_what_was_believed_to_have_failed_is_good_money(db: Database, attempt: CheckoutAttempt) -> None:
    _believe_failed(db, attempt)
    settle_as(db, attempt)
    assert (_state(db)["attempt"], _state(db)["hold"], _state(db)["orders"]) == (["complete"], ["spent"], [(1, "placed", 2595)])


def test_an_older_payment_takes_no_more_copies_than_it_paid_for(db: Database, attempt: CheckoutAttempt) -> None:
    _believe_failed(db, attempt)
    take_some(db, 1, {1: 2})  # Ada adds a copy meanwhile
    settle_as(db, attempt)
    with reading(db) as session:
        [order] = session.scalars(select(Order)).all()
        assert (order.total_amount, order.late, order.lines[0].quantity) == (2595, True, 1)
        assert session.scalars(select(Copy.state).order_by(Copy.number)).all() == ["allocated", "available"]


@pytest.mark.parametrize("email", [ADA.email, ""])
def test_money_believed_lost_gives_way_to_what_its_buyer_pays_elsewhere(db: Database, email: str) -> None:
    """The failed attempt did not count against the e-mail, so another hold with it went to pay meanwhile."""
    drop, run = open_drop(db, size=5, limit=1)
    attempt = open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    _believe_failed(db, attempt)
    with transaction(db) as session:
        say_where_to(session, attempt.hold_id, Details(email, "DE", None, ""), NOW)
    open_attempt(db, take_with_details(db, drop, {run: 1}, replace(BEN, email=ADA.email)).id)
    payment = settle_as(db, attempt)
    assert payment is not None
    assert (payment.void_reason, payment.order_id) == ("late", None)
    assert (_state(db)["hold"], _state(db)["orders"], _state(db)["copies"]) == (["put_back", "active"], [], "ahaaa")


def test_a_newer_attempt_of_the_hold_was_counted_already(db: Database) -> None:
    """The cookie has an order that came late, yet the hold must not be put back while its newer session may be paid."""
    drop, run = open_drop(db, size=5, limit=1)
    attempt = open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    _believe_failed(db, attempt)
    open_attempt(db, attempt.hold_id)
    settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 1}, BEN).id))
    with transaction(db) as session:
        session.execute(text("UPDATE orders SET fan = 'ada-cookie', late = true"))
    payment = settle_as(db, attempt)
    assert payment is not None
    assert (payment.void_reason, _state(db)["hold"]) == (None, ["spent", "spent"])


def test_late_money_of_somebody_who_bought_again_is_let_go(db: Database) -> None:
    drop, run = open_drop(db, size=5, limit=1)
    attempt = open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    _believe_failed(db, attempt)
    later = NOW.replace(minute=11)
    again = take_with_details(db, drop, {run: 1}, ADA, later)
    settle_as(db, open_attempt(db, again.id, later), now=later)
    payment = settle_as(db, attempt, now=later)
    assert payment is not None
    assert (payment.void_reason, payment.order_id) == ("late", None)
    assert _state(db)["orders"] == [(1, "placed", 2595)]


def test_a_failed_capture_puts_the_copies_back_and_says_so(db: Database, attempt: CheckoutAttempt) -> None:
    payment = settle_as(db, attempt)
    assert payment is not None
    end_payment(db, payment.id, "canceled")
    end_payment(db, payment.id, "succeeded")  # forward only
    assert _state(db) == {
        "attempt": ["complete"],
        "hold": ["spent"],
        "orders": [(1, "cancelled", 2595)],
        "payments": [("capture_failed", None)],
        "copies": "aa",
        "jobs": ["mail.not_charged:1", "payment.capture:1"],
    }
    take_some(db, 1, {1: 2}, BEN)


def test_captured_money_stays_captured(db: Database, attempt: CheckoutAttempt) -> None:
    payment = settle_as(db, attempt)
    assert payment is not None
    for status in ("succeeded", "succeeded", "canceled", "requires_capture"):
        end_payment(db, payment.id, status)
    assert (_state(db)["payments"], _state(db)["hold"]) == ([("captured", None)], [HoldState.SPENT])
    with pytest.raises(SoldOut):
        take_some(db, 1, {1: 2}, BEN)
    assert AttemptState.COMPLETE in _state(db)["attempt"]  # type: ignore[operator]

"""What a label keeps no longer goes by age, and never what is needed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.drops.models import Drop, Reminder
from app.inventory import holds
from app.inventory.models import Hold
from app.kernel.db import Database, reading, transaction
from app.orders.models import DiscountCode, Order, OrderState
from app.payments.models import StripeEvent
from app.payments.states import DisputeState
from app.privacy import retention
from app.privacy.retention import NOTHING, Keep, Rule
from app.worker import erasing as worker
from tests.builders import disputed, make_code, open_attempt, open_drop, paid_order, refunded_elsewhere, take_with_details
from tests.cast import ADA, BEN, NOW, someone
from tests.privacy.people import close, found, letters_go, noted_order, ship, wish

YEAR = timedelta(days=366)
STRICT = Rule(dict.fromkeys(Keep, 1))


def decide(db: Database, rule: Rule = STRICT, now: datetime = NOW) -> None:
    with transaction(db) as session:
        retention.decide(session, 1, rule, now)


def counted(db: Database, rule: Rule, now: datetime) -> dict[str, int]:
    with reading(db) as session:
        return {keep.value: rows for keep, rows in retention.next_rows(session, 1, rule, now).items() if rows}


def lapsed(db: Database, drop: int, run: int) -> int:
    """A hold of Ben's that came to nothing."""
    hold = take_with_details(db, drop, {run: 1}, BEN)
    with transaction(db) as session:
        holds.put_back(session, session.get_one(Hold, hold.id), NOW, "machine", "lapsed")
    return hold.id


def test_nothing_goes_before_the_label_has_decided(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    lapsed(db, drop, run)
    before = found(db)
    worker.keep_to_rules(db, NOW + YEAR * 10)
    decide(db, NOTHING)
    worker.keep_to_rules(db, NOW + YEAR * 10)
    assert found(db) == before


def test_each_goes_after_its_months_and_not_before(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    held = lapsed(db, drop, run)
    wish(db, drop)
    close(db, drop)
    with transaction(db) as session:
        attempt_id = 1
        session.add(
            StripeEvent(
                id="evt_1", type="x", object_id="cs_1", livemode=False, created_at=NOW, received_at=NOW, attempt_id=attempt_id
            )
        )
    rule = Rule({Keep.UNPAID: 1, Keep.REMINDERS: 2, Keep.ADDRESSES: 3, Keep.NAMES: 4, Keep.EVENTS: 5})
    decide(db, rule)
    letters_go(db, NOW)
    assert counted(db, rule, NOW + timedelta(days=26)) == {}
    steps = []
    for days in (32, 63, 94, 125, 156):
        now = NOW + timedelta(days=days)
        steps.append(counted(db, rule, now))
        worker.keep_to_rules(db, now)
        assert counted(db, rule, now) == {}
        if days == 32:
            with reading(db) as session:
                ben = session.get_one(Hold, held)
                assert (ben.email, ben.email_key, ben.fan) == ("", "", f"erased-{held}")
        if days == 94:
            with reading(db) as session:
                order = session.scalars(select(Order)).one()
                assert (order.line1, order.postal_code, order.name, order.email, order.country) == (
                    "",
                    "",
                    "Ada Lovelace",
                    ADA.email,
                    "DE",
                )
    assert steps == [{"unpaid": 1}, {"reminders": 1}, {"addresses": 1}, {"names": 1}, {"events": 1}]
    assert found(db) == {"saved_views.query"}
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == session.scalar(select(func.count(Reminder.id))) == 0


@pytest.mark.parametrize("why", ["unsent", "dispute", "paying", "counted"])
def test_what_is_needed_is_never_eaten(db: Database, why: str) -> None:
    drop, run = open_drop(db, limit=3)
    if why == "paying":
        open_attempt(db, take_with_details(db, drop, {run: 1}, ADA).id)
    else:
        order = noted_order(db, drop, run, sent=why != "unsent")
    if why == "dispute":
        disputed(db, order.id)
    if why != "counted":
        close(db, drop)
    decide(db)
    letters_go(db, NOW)
    now = NOW + timedelta(days=300)
    with reading(db) as session:
        before = session.scalars(select(Order.name)).all(), session.scalars(select(Hold.email)).all()
    assert counted(db, STRICT, now) == ({"addresses": 1} if why == "counted" else {})
    worker.keep_to_rules(db, now)
    with reading(db) as session:
        assert (session.scalars(select(Order.name)).all(), session.scalars(select(Hold.email)).all()) == before
    if why == "unsent":
        ship(db, order.id, now)
    if why == "dispute":
        disputed(db, order.id, DisputeState.LOST, now)
    if why == "counted":
        close(db, drop, now)
    if why != "paying":
        worker.keep_to_rules(db, now + YEAR)
        assert found(db) <= {"saved_views.query"}


def test_the_accounts_keep_names_and_addresses_of_what_was_paid(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    close(db, drop)
    letters_go(db, NOW)
    decide(db, Rule(dict.fromkeys(Keep, 1), accounts_years=3, accounts_names=True))
    worker.keep_to_rules(db, NOW + YEAR)
    with reading(db) as session:
        order = session.scalars(select(Order)).one()
        assert (order.email, order.name, order.line1) == ("", "Ada Lovelace", "Prüfweg 1")
    worker.keep_to_rules(db, datetime(2029, 12, 31, tzinfo=UTC))
    with reading(db) as session:
        assert session.scalar(select(Order.name)) == "Ada Lovelace"
    worker.keep_to_rules(db, datetime(2030, 1, 1, 1, tzinfo=UTC))
    assert found(db) == {"saved_views.query"}


def test_another_labels_rule_is_not_ours(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    close(db, drop)
    letters_go(db, NOW)
    other, _ = open_drop(db)
    with transaction(db) as session:
        retention.decide(session, session.get_one(Drop, other).label_id, STRICT, NOW)
    worker.keep_to_rules(db, NOW + YEAR)
    with reading(db) as session:
        assert session.scalar(select(Order.name)) == "Ada Lovelace"


def test_months_before() -> None:
    assert retention.before(datetime(2026, 3, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert retention.before(datetime(2026, 1, 15, tzinfo=UTC), 13) == datetime(2024, 12, 15, tzinfo=UTC)


def test_what_a_code_counts_for_once_keeps_nobody_else_from_going(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code without an end: its orders are emptied but for the key, and not tried again and again in front of all others."""
    monkeypatch.setattr(retention, "ROUND", 2)
    drop, run = open_drop(db)
    make_code(db, once_per_fan=True)
    for name in ("una", "dos"):
        ship(db, paid_order(db, drop, {run: 1}, someone(name), code="SPRING").id, tracking=name)
    ben = paid_order(db, drop, {run: 1}, BEN)
    ship(db, ben.id, tracking="BEN-1")
    close(db, drop)
    letters_go(db, NOW)
    decide(db)
    now = NOW + YEAR
    for _ in range(3):
        worker.keep_to_rules(db, now)
    with reading(db) as session:
        assert session.scalars(select(Order.email).order_by(Order.id)).all() == ["", "", ""]
        keys = session.scalars(select(Hold.email_key).order_by(Hold.id)).all()
    assert keys == ["una@example.org", "dos@example.org", ""]
    assert counted(db, STRICT, now) == {}
    with transaction(db) as session:
        session.scalars(select(DiscountCode)).one().ended_at = now
    assert counted(db, STRICT, now) == {"names": 2}
    worker.keep_to_rules(db, now)
    with reading(db) as session:
        assert session.scalars(select(Hold.email_key)).all() == ["", "", ""]


def test_an_address_to_which_nothing_was_sent_goes_as_well(db: Database) -> None:
    drop, run = open_drop(db)
    order = paid_order(db, drop, {run: 1}, ADA)
    cancelled_elsewhere(db, order.id)
    letters_go(db, NOW)
    rule = Rule(dict.fromkeys(Keep) | {Keep.ADDRESSES: 2})
    decide(db, rule)
    assert counted(db, rule, NOW + timedelta(days=55)) == {}
    now = NOW + timedelta(days=65)
    assert counted(db, rule, now) == {"addresses": 1}
    worker.keep_to_rules(db, now)
    with reading(db) as session:
        kept = session.get_one(Order, order.id)
        assert (kept.line1, kept.postal_code, kept.city, kept.country, kept.name) == ("", "", "", "DE", "Ada Lovelace")
    assert counted(db, rule, now) == {}


def cancelled_elsewhere(db: Database, order_id: int) -> None:
    """Its money went back, and it is called off."""
    with reading(db) as session:
        amount = session.get_one(Order, order_id).total_amount
    refunded_elsewhere(db, order_id, amount)
    with reading(db) as session:
        assert session.get_one(Order, order_id).state is OrderState.CANCELLED

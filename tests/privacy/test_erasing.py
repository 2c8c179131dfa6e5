"""A fan is erased: what goes, what stays and for how long, and who may not profit from it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import AuditEntry, SavedView
from app.accounts.roles import Role
from app.checkout import aside
from app.checkout.take import take
from app.drops.models import Drop, Reminder
from app.drops.sale import Sale
from app.invariants import offenders
from app.inventory import holds
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, Hold
from app.inventory.states import CopyState, HoldState
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, OverLimit
from app.kernel.outbox import Job
from app.kernel.tokens import Tokens
from app.orders.models import DiscountCode, Order, OrderNote
from app.payments.models import CheckoutAttempt, Refund
from app.payments.states import AttemptState, DisputeState, RefundState
from app.privacy import erasing, erasures, persons, retention
from app.privacy.models import ErasedRow, ErasureState
from app.privacy.retention import Keep, Rule
from app.reports import desk_search
from app.worker import erasing as worker
from tests.builders import (
    BERLIN,
    disputed,
    end_payment,
    make_code,
    open_attempt,
    open_drop,
    paid_order,
    refunded_elsewhere,
    settle_as,
    take_some,
    take_with_details,
)
from tests.cast import ADA, BEN, EVE, NOW, SAM, TOKENS, Person
from tests.privacy.people import WORDS, asks, close, erasure, fan, found, hold_of, later, letters_go, noted_order, ship, wish
from tests.staff.seat import make_staff


def test_the_words_are_there_before(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    wish(db, drop)
    places = found(db)
    assert {"orders.email", "orders.name", "orders.line1", "orders.note", "holds.fan", "holds.network", "holds.email_key"} <= places
    assert {"order_notes.text", "shipments.tracking", "reminders.email", "saved_views.query", "checkout_attempts.request"} <= places


def test_nothing_of_them_is_left_but_what_was_sold(db: Database) -> None:
    drop, run = open_drop(db)
    order = noted_order(db, drop, run, count=2)
    paid_order(db, drop, {run: 1}, BEN)
    wish(db, drop)
    take_with_details(db, drop, {run: 1}, ADA, NOW)  # a hold that comes to nothing
    close(db, drop)
    id_ = asks(db)
    _lapse_all(db)
    with transaction(db) as session:  # the builders send everything to Ada's address
        ben = session.scalars(select(Order).where(Order.email == BEN.email)).one()
        ben.name, ben.line1, ben.postal_code, ben.city = "Ben Okri", "Elsewhere 2", "20095", "Hamburg"
    later(db)
    assert found(db) == set()
    with reading(db) as session:
        kept = session.get_one(Order, order.id)
        assert (kept.number, kept.total_amount, kept.country) == (order.number, order.total_amount, "DE")
        assert session.scalar(select(func.count()).where(Copy.order_line_id.is_not(None))) == 3
        assert session.get_one(Order, ben.id).email == BEN.email
        assert session.scalars(select(SavedView.query)).all() == ["stage=sent"]
        assert kept.generation == order.generation + 1
        assert offenders(session, NOW) == []
    over = erasure(db, id_)
    assert (over.state, over.email, over.email_key) == (ErasureState.DONE, "", "")


def _lapse_all(db: Database) -> None:
    with transaction(db) as session:
        for hold in session.scalars(select(Hold).where(Hold.state == HoldState.ACTIVE)):
            holds.put_back(session, hold, NOW, "machine", "lapsed")


def test_it_waits_for_the_days_of_grace_and_can_be_taken_back(db: Database) -> None:
    drop, run = open_drop(db)
    order = noted_order(db, drop, run)
    close(db, drop)
    id_ = asks(db)
    assert asks(db) == id_  # asking twice is the same
    worker.work(db, NOW + erasures.GRACE - timedelta(seconds=1))
    with transaction(db) as session:
        assert session.get_one(Order, order.id).email == ADA.email
        erasures.take_back(session, id_, NOW)
    later(db)
    with reading(db) as session:
        assert session.get_one(Order, order.id).name == "Ada Lovelace"
        assert session.scalars(select(ErasedRow.ref)).all() == []
    assert erasure(db, id_).email == ""
    assert asks(db, now=NOW + timedelta(days=1)) != id_


def test_what_has_begun_cannot_be_taken_back(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    id_ = asks(db)
    worker.work(db, NOW + erasures.GRACE)
    with pytest.raises(Conflict, match="has begun"), transaction(db) as session:
        erasures.take_back(session, id_, NOW + erasures.GRACE)


def test_an_order_that_has_not_left_keeps_its_address_until_it_has(db: Database) -> None:
    drop, run = open_drop(db)
    old, order = noted_order(db, drop, run), noted_order(db, drop, run, sent=False)  # both at once would leave in one parcel
    close(db, drop)
    id_ = asks(db)
    due = later(db)
    with reading(db) as session:
        waits, gone = session.get_one(Order, order.id), session.get_one(Order, old.id)
        assert (waits.email, waits.line1, waits.note, waits.generation) == (ADA.email, "Prüfweg 1", "gate-code 77", 1)
        assert (gone.email, gone.name, gone.line1) == ("", "", "")
        kinds = session.scalars(select(Job.kind).where(Job.kind.like("mail.eras%")).order_by(Job.id)).all()
    assert kinds == [erasures.ASKED, erasures.PARTLY]
    assert erasure(db, id_).state is ErasureState.WAITING
    ship(db, order.id, due)
    for minutes in (61, 62):
        worker.work(db, due + timedelta(minutes=minutes))
        letters_go(db, due)
    assert erasure(db, id_).state is ErasureState.DONE
    assert found(db) == set()


@pytest.mark.parametrize("what", ["refund", "dispute"])
def test_money_that_is_open_keeps_it_too(db: Database, what: str) -> None:
    drop, run = open_drop(db)
    order = noted_order(db, drop, run)
    close(db, drop)
    if what == "refund":
        refunded_elsewhere(db, order.id, 100, RefundState.FAILED)
    else:
        disputed(db, order.id)
    id_ = asks(db)
    due = later(db)
    with transaction(db) as session:
        assert session.get_one(Order, order.id).email == ADA.email
        for refund in session.scalars(select(Refund)):
            refund.state, refund.failure = RefundState.PAID_OTHERWISE, "declined; sent to DE89 3704 lovelace"
    if what == "dispute":
        disputed(db, order.id, DisputeState.WON, due)
    for minutes in (61, 62):
        worker.work(db, due + timedelta(minutes=minutes))
        letters_go(db, due)
    assert erasure(db, id_).state is ErasureState.DONE
    assert found(db) == set()


def test_being_erased_in_between_gives_nobody_another_copy(db: Database) -> None:
    drop, run = open_drop(db, limit=2)
    order = noted_order(db, drop, run, count=2)
    id_ = asks(db)
    due = later(db)
    kept = hold_of(db, order)
    assert (kept.email, kept.email_key, kept.fan, kept.note) == ("", ADA.email, "ada-cookie", "")
    assert found(db) == {
        "holds.email_key",
        "holds.fan",
        "orders.fan",
        "buyer_locks.email_key",
        "erasures.email",
        "erasures.email_key",
    }
    with pytest.raises(OverLimit), transaction(db) as session:
        take(session, Sale.of(session.get_one(Drop, drop)), {run: 1}, ADA.fan, due)
    hold = take_with_details(db, drop, {run: 1}, Person("Ada", ADA.email, BEN.fan), due)
    with pytest.raises(OverLimit):
        open_attempt(db, hold.id, due)
    close(db, drop, due)
    with transaction(db) as session:
        holds.put_back(session, session.get_one(Hold, hold.id), due, "machine", "lapsed")
    for minutes in (61, 62):
        worker.work(db, due + timedelta(minutes=minutes))
        letters_go(db, due)
    assert erasure(db, id_).state is ErasureState.DONE
    # What she held after she had asked is a new beginning.
    assert found(db) == {"holds.email", "holds.email_key", "buyer_locks.email_key"}


def test_a_code_for_once_stays_used(db: Database) -> None:
    drop, run = open_drop(db)
    code = make_code(db, once_per_fan=True)
    order = paid_order(db, drop, {run: 1}, ADA, code="SPRING")
    ship(db, order.id)
    asks(db)
    due = later(db)
    assert hold_of(db, order).email_key == ADA.email
    with transaction(db) as session:
        session.get_one(DiscountCode, code).ended_at = due
    worker.work(db, due + timedelta(minutes=61))
    assert hold_of(db, order).email_key == ""


def test_the_accounts_keep_a_name_where_the_owner_says_so(db: Database) -> None:
    drop, run = open_drop(db)
    order = noted_order(db, drop, run)
    close(db, drop)
    with transaction(db) as session:
        retention.decide(session, 1, Rule(dict.fromkeys(Keep), accounts_years=2, accounts_names=True), NOW)
    asks(db)
    later(db)
    with reading(db) as session:
        kept = session.get_one(Order, order.id)
        assert (kept.email, kept.note, kept.name, kept.line1) == ("", "", "Ada Lovelace", "Prüfweg 1")
    after = NOW.replace(year=2029, month=1, day=2)
    for minutes in (0, 1):
        worker.work(db, after + timedelta(minutes=minutes))
        letters_go(db, after)
    assert found(db) == set()


def test_only_the_very_address_counts(db: Database) -> None:
    """Mail to ada@ does not prove that ada+tapes@ is theirs, though a limit counts them as one."""
    drop, run = open_drop(db)
    order = noted_order(db, drop, run)
    with transaction(db) as session:
        session.get_one(Order, order.id).email = "ada+tapes@example.org"
        session.get_one(Hold, order.hold_id).email = "ada+tapes@example.org"
    with reading(db) as session:
        assert persons.holds_of(session, fan(ADA)) == []
        assert persons.labels_of(session, ADA.email, ADA.email) == []


def test_an_order_whose_address_was_corrected_stays_its_new_owners(db: Database) -> None:
    drop, run = open_drop(db)
    order = noted_order(db, drop, run)
    close(db, drop)
    with transaction(db) as session:
        corrected = session.get_one(Order, order.id)
        corrected.email = corrected.email_key = EVE.email
    asks(db)
    later(db)
    with reading(db) as session:
        theirs = session.get_one(Order, order.id)
        assert (theirs.email, theirs.name) == (EVE.email, "Ada Lovelace")
    assert hold_of(db, order).email == ""


def test_the_desk_finds_nothing_of_them(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    close(db, drop)
    with reading(db) as session:
        assert {hit.kind.value for word in ("ada@", "lovelace", "JJD-SECRET") for hit in desk_search.find(session, [1], word)} == {
            "fan",
            "order",
            "parcel",
        }
    asks(db)
    later(db)
    with reading(db) as session:
        assert [hit for word in ("ada@", "lovelace", "JJD-SECRET", "Prüfweg") for hit in desk_search.find(session, [1], word)] == []


def test_late_money_for_an_emptied_hold_is_sent_and_then_forgotten(db: Database) -> None:
    drop, run = open_drop(db)
    hold = take_with_details(db, drop, {run: 1}, ADA)
    attempt = open_attempt(db, hold.id)
    with transaction(db) as session:
        attempt = session.get_one(CheckoutAttempt, attempt.id)
        attempt.state, attempt.ended_at = AttemptState.FAILED, NOW
        holds.put_back(session, session.get_one(Hold, hold.id), NOW, "machine", "lapsed")
    asks(db)
    due = later(db)
    assert found(db, (ADA.email,)) == set()
    settle_as(db, attempt, now=due + timedelta(minutes=1))
    with reading(db) as session:
        order = session.scalars(select(Order)).one()
    worker.empty_strays(db, due + timedelta(hours=2))
    with reading(db) as session:
        assert session.get_one(Order, order.id).line1 == "Prüfweg 1"
    end_payment(db, 1, now=due)
    ship(db, order.id, due)
    close(db, drop, due)
    worker.empty_strays(db, due + timedelta(hours=2))
    assert found(db) == set()


def test_the_audit_names_rows_and_nobody(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    close(db, drop)
    id_ = asks(db)
    later(db)
    with reading(db) as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.deed == "fan.erased"))
    assert (entry.entity_id, entry.detail) == (id_, {"rows": 2})


def test_a_person_with_hundreds_of_holds_is_erased_in_short_transactions(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, run = open_drop(db, size=12)
    for _ in range(12):
        hold = take_some(db, drop, {run: 1}, ADA).hold
        with transaction(db) as session:
            mine = session.get_one(Hold, hold.id)
            mine.email = mine.email_key = ADA.email
            holds.put_back(session, mine, NOW, "machine", "lapsed")
    asks(db)
    sizes = []
    whole = erasing.empty_some
    monkeypatch.setattr(erasing, "empty_some", lambda s, i, ids, n: sizes.append(len(ids)) or whole(s, i, ids, n))
    later(db)
    assert sizes == [5, 5, 2]
    with reading(db) as session:
        assert session.scalar(select(func.count()).where(Hold.email != "")) == 0
        assert session.scalars(select(OrderNote.id)).all() == session.scalars(select(Reminder.id)).all() == []


def given_away(db: Database, run: int) -> int:
    """Ada was given a copy at the desk: an order with her address, which no limit counts; its hold's id."""
    with transaction(db) as session:
        copy = session.scalars(
            select(Copy).where(Copy.run_id == run, Copy.state == CopyState.AVAILABLE).order_by(Copy.number)
        ).first()
        assert copy is not None
        hold = aside.hold_copy(session, copy.id, Asked("Ada Lovelace", "a review", 1, SAM), NOW + timedelta(hours=1), NOW)
        order = session.get_one(Order, aside.give(session, hold.id, BERLIN, ADA.email, NOW))
        assert (order.email, order.email_key) == (ADA.email, "")
    ship(db, order.id, tracking="JJD-GIFT")
    return hold.id


def test_what_was_given_away_is_theirs_too(db: Database) -> None:
    """It is found, shown and erased like what they bought, though its address counts for no limit."""
    drop, run = open_drop(db)
    bought = noted_order(db, drop, run)
    gift = given_away(db, run)
    close(db, drop)
    with reading(db) as session:
        assert persons.holds_of(session, fan()) == [bought.hold_id, gift]
        assert persons.holds_of(session, fan(BEN)) == []
        assert persons.labels_of(session, ADA.email, ADA.email) == [1]
    asks(db)
    later(db)
    assert found(db, (*WORDS, "jjd-gift")) <= {"stock_movements.reason"}
    with reading(db) as session:
        assert session.scalars(select(Order.name)).all() == ["", ""]


def test_who_was_only_given_something_is_found_by_their_address(db: Database) -> None:
    drop, run = open_drop(db)
    make_staff(db, "Sam", {1: Role.OWNER})
    gift = given_away(db, run)
    close(db, drop)
    with reading(db) as session:
        assert persons.labels_of(session, ADA.email, ADA.email) == [1]
        assert persons.holds_of(session, fan()) == [gift]
    asks(db)
    later(db)
    assert found(db) == set()


def test_who_asked_before_the_key_was_rotated_is_known_still(db: Database) -> None:
    drop, run = open_drop(db)
    noted_order(db, drop, run)
    id_ = asks(db)
    rotated = Tokens((b"a new signing key, long enough as well", *TOKENS.keys))
    with transaction(db) as session:
        assert erasures.ask(session, rotated, fan(), NOW).id == id_

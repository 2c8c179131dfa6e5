"""What becomes of a copy that did not come: its fan answers, may think it over, or says nothing; each has one outcome."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.roles import Role
from app.checkout import next_issue, refund, second, shortfall_answers, shortfall_refund, shortfalls_due
from app.checkout.parts import Choice, Plan
from app.checkout.refund import By
from app.checkout.shortfall_answers import UNDO
from app.checkout.shortfall_choice import Answer
from app.fulfilment import replacing, shipping
from app.inventory import counts, stocktake
from app.inventory.delivery_models import Unanswered
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Conflict, Disputed, NotFound
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.orders.models import Order, OrderState
from app.payments.models import Fate, Refund, RefundOrigin
from app.payments.states import DisputeState, RefundState
from tests import short
from tests.builders import (
    disputed,
    end_payment,
    open_attempt,
    open_drop,
    paid_order,
    refunded_elsewhere,
    settle_as,
    take_with_details,
)
from tests.cast import ADA, BEN, EVE, NOW, SAM
from tests.databases import states_of
from tests.giving import desk
from tests.short import said
from tests.staff.seat import make_staff

REFUND, WAIT, OTHER, UNDO_IT = Answer
LATER = NOW + UNDO
OVER = NOW + timedelta(days=14)


class Short:
    """A run of six: Ada bought 1 and 2, Ben 3, Eve 4; numbers 2, 3 and 4 did not come. 5 and 6 are free."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.drop, self.run = open_drop(db, size=6)
        buyers = ((ADA, 2), (BEN, 1), (EVE, 1))
        self.orders: list[Order] = [
            paid_order(db, self.drop, {self.run: many}, who, NOW + timedelta(seconds=at - 60))
            for at, (who, many) in enumerate(buyers)
        ]
        self.ada, self.ben, self.eve = (order.id for order in self.orders)
        short.deliver(db, self.run, said(2, 3, 4))

    def order(self, order_id: int) -> Order:
        with reading(self.db) as session:
            return session.get_one(Order, order_id)


@pytest.fixture
def at(db: Database) -> Short:
    return Short(db)


def test_a_refund_can_be_thought_over_and_then_goes_back_in_full(at: Short) -> None:
    short.answer(at.db, 2, REFUND)
    assert short.give_back(at.db, 2, LATER - timedelta(seconds=1)) is None
    made = short.give_back(at.db, 2, LATER)
    assert made is not None
    assert (made.amount, made.origin, made.state) == (2400, RefundOrigin.FAN, RefundState.WANTED)
    assert (short.states(at.db)[2], states_of(at.db)[1], at.order(at.ada).state) == ("refunded", "withdrawn", OrderState.PLACED)
    assert short.give_back(at.db, 2, LATER) is None, "once"
    with transaction(at.db) as session:
        shipping.ship(session, at.ada, "DHL", "", LATER, SAM)


def test_the_last_copy_takes_the_postage_and_the_order_with_it(at: Short) -> None:
    assert (short.may(at.db, 3).refund, short.may(at.db, 2).refund) == (Money(2595, "EUR"), Money(2400, "EUR"))
    short.answer(at.db, 3, REFUND)
    made = short.give_back(at.db, 3, LATER)
    assert made is not None
    assert (made.amount, at.order(at.ben).state, short.states(at.db)[3]) == (2595, OrderState.CANCELLED, "refunded")


def test_undone_in_time_nothing_goes_back(at: Short) -> None:
    short.answer(at.db, 2, REFUND)
    short.answer(at.db, 2, UNDO_IT)
    assert (short.give_back(at.db, 2, LATER), short.states(at.db)[2]) == (None, "offered")
    short.answer(at.db, 2, REFUND, NOW + timedelta(minutes=1))
    assert short.give_back(at.db, 2, LATER) is None, "the first answer's job finds that it is not due"
    assert short.give_back(at.db, 2, LATER + timedelta(minutes=1)) is not None


def test_the_same_answer_twice_is_one(at: Short) -> None:
    for _ in range(2):
        short.answer(at.db, 2, WAIT)
    assert short.letters(at.db)[3:] == [(at.ada, "waits")]
    short.answer(at.db, 2, REFUND)
    short.answer(at.db, 2, REFUND, NOW + timedelta(minutes=5))
    assert short.rows(at.db)[0].due_at == LATER
    with pytest.raises(NotFound):
        short_answer_of_nothing(at)


def short_answer_of_nothing(at: Short) -> None:
    with transaction(at.db) as session:
        shortfall_answers.answer(session, 999, WAIT, NOW, "fan")


def test_another_number_is_for_who_bought_earlier_first(at: Short) -> None:
    assert [short.may(at.db, number).other for number in (2, 3, 4)] == [5, 6, None]
    with pytest.raises(Conflict, match="asked first"):
        short.answer(at.db, 4, OTHER, other=5)
    with pytest.raises(Conflict, match="№ 6"):
        short.answer(at.db, 3, OTHER, other=5)
    short.answer(at.db, 2, WAIT)
    assert [short.may(at.db, number).other for number in (3, 4)] == [5, 6], "who waits is not asked any more"
    short.answer(at.db, 4, OTHER, other=6)
    short.answer(at.db, 3, OTHER, other=5)
    assert short.states(at.db) == {2: "waits", 3: "exchanged", 4: "exchanged"}
    assert short.numbers_of(at.db, [at.ben, at.eve]) == [[(5, 0)], [(6, 0)]]
    assert states_of(at.db) == ["allocated", "allocated", "withdrawn", "withdrawn", "allocated", "allocated"]
    assert short.may(at.db, 2).other is None, "nothing is free any more"
    with pytest.raises(Conflict, match="its answer already"):
        short.answer(at.db, 3, REFUND)


def test_who_says_nothing_is_reminded_once_and_then_gets_the_money(at: Short) -> None:
    def due(now: object) -> tuple[tuple[int, ...], dict[int, list[int]]]:
        with reading(at.db) as session:
            found = shortfalls_due.due(session, now)  # type: ignore[arg-type]  # an instant
        return found.over, found.remind

    short.answer(at.db, 4, WAIT)
    assert due(OVER - timedelta(days=3, seconds=1)) == ((), {})
    soon = OVER - timedelta(days=3)
    assert due(soon) == ((), {at.ada: [1], at.ben: [2]})
    for _ in range(2):
        with transaction(at.db) as session:
            shortfalls_due.remind(session, at.ada, [1], soon)
    assert due(soon) == ((), {at.ben: [2]})
    assert [said for who, said in short.letters(at.db) if who == at.ada] == ["offer", "reminder"]
    assert due(OVER) == ((1, 2), {})
    for id_ in (1, 2, 3):
        with transaction(at.db) as session:
            shortfall_answers.unanswered(session, id_, OVER)
    assert short.states(at.db) == {2: "refunding", 3: "refunding", 4: "waits"}
    made = short.give_back(at.db, 3, OVER + UNDO)
    assert made is not None
    assert made.origin is RefundOrigin.MACHINE


def test_who_says_nothing_may_wait_instead_where_that_was_said(db: Database) -> None:
    drop, run = open_drop(db, size=1)
    paid_order(db, drop, {run: 1})
    short.deliver(db, run, said(1, unanswered=Unanswered.WAIT, days=1))
    with transaction(db) as session:
        assert shortfall_answers.unanswered(session, 1, NOW) is None
        shortfall_answers.unanswered(session, 1, NOW + timedelta(days=1))
    assert short.states(db) == {1: "waits"}
    with pytest.raises(Conflict, match="last day"):
        short.answer(db, 1, UNDO_IT, NOW + timedelta(days=2))
    short.answer(db, 1, REFUND, NOW + timedelta(days=2))
    short.answer(db, 1, UNDO_IT, NOW + timedelta(days=2))
    assert short.states(db) == {1: "waits"}, "after the last day an undone refund is waiting again"


def test_the_next_issue_goes_to_who_bought_first(at: Short) -> None:
    for number in (4, 2, 3):
        short.answer(at.db, number, WAIT)
    plan = short.arrive(at.db, at.run, 2)
    assert ([each.number for each in plan.served], [each.number for each in plan.wait_on], plan.reserve) == ([2, 3], [4], 0)
    assert short.states(at.db) == {2: "replaced", 3: "replaced", 4: "waits"}
    assert short.numbers_of(at.db, [at.ada, at.ben, at.eve]) == [[(1, 0), (2, 1)], [(3, 1)], [(4, 0)]]
    with transaction(at.db) as session:
        shipping.pack(session, at.ada, NOW)
        with pytest.raises(Conflict):
            shipping.pack(session, at.eve, NOW)
    plan = short.arrive(at.db, at.run, 3)
    assert (len(plan.served), plan.reserve) == (1, 2)
    assert states_of(at.db)[-2:] == ["available", "available"]
    assert short.letters(at.db)[-3:] == [(at.ada, "replaced"), (at.ben, "replaced"), (at.eve, "replaced")]


def test_it_came_after_all(at: Short) -> None:
    with transaction(at.db) as session:
        shortfall_answers.came_after_all(session, short.rows(at.db)[0].id, NOW, SAM, "behind the door")
        shipping.pack(session, at.ada, NOW)
    assert (short.states(at.db)[2], short.letters(at.db)[-1]) == ("came", (at.ada, "came"))


def test_money_given_back_at_the_desk_answers_it(at: Short) -> None:
    with transaction(at.db) as session:
        refund.ask(session, at.ada, Plan({2: Choice(Fate.PUT_BACK)}), 2400, desk(), NOW)
    assert (short.states(at.db)[2], states_of(at.db)[1]) == ("left", "withdrawn")


def test_money_that_went_back_already_is_not_offered_again(at: Short) -> None:
    with transaction(at.db) as session:
        refund.ask(session, at.ada, Plan({2: Choice(Fate.KEPT)}), 2400, desk(), NOW)
    assert short.may(at.db, 2).refund is None
    with pytest.raises(Conflict, match="went back already"):
        short.answer(at.db, 2, REFUND)
    short.answer(at.db, 2, OTHER, other=5)
    with reading(at.db) as session:
        assert session.get_one(Refund, 1).parts[0].copy_id == 5, "what went back is for the copy that stands for it now"


def test_a_damaged_one_replaced_at_the_desk_is_made_good(at: Short) -> None:
    with transaction(at.db) as session:
        stocktake.press_reserve(session, at.run, 1, NOW, SAM)
        replacing.replace_damaged(session, 3, "", NOW, SAM)
    assert (short.states(at.db)[3], short.numbers_of(at.db, [at.ben])) == ("replaced", [[(3, 1)]])


def test_a_payment_that_falls_through_takes_what_never_came_off_sale(db: Database) -> None:
    drop, run = open_drop(db, size=2)
    payment = settle_as(db, open_attempt(db, take_with_details(db, drop, {run: 2}).id))
    assert payment is not None
    short.deliver(db, run, said(2))
    end_payment(db, payment.id, "canceled")
    assert (states_of(db), short.states(db)) == (["available", "withdrawn"], {2: "left"})


def test_while_the_bank_disputes_nothing_goes_back_and_it_is_tried_again(at: Short) -> None:
    short.answer(at.db, 2, REFUND)
    disputed(at.db, at.ada)
    with pytest.raises(Disputed):
        short.give_back(at.db, 2, LATER)
    with transaction(at.db) as session:
        shortfall_refund.note_trouble(session, 1, "the bank")
    assert (short.states(at.db)[2], short.rows(at.db)[0].trouble) == ("refunding", "the bank")
    for minutes in (0, 5, 59, 60):
        with transaction(at.db) as session:
            found = shortfalls_due.due(session, LATER + timedelta(minutes=minutes))
            assert found.again == (1,)
            shortfalls_due.try_again(session, found.again, LATER + timedelta(minutes=minutes))
    with reading(at.db) as session:
        assert len(session.scalars(select(Job).where(Job.kind == shortfall_answers.GIVE_BACK, Job.once)).all()) == 2
    disputed(at.db, at.ada, DisputeState.WON)
    assert short.give_back(at.db, 2, LATER) is not None
    assert short.rows(at.db)[0].trouble == ""


def test_lasting_troubles_do_not_keep_the_others_waiting(at: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at a few at a time, each comes up sooner or later."""
    monkeypatch.setattr(shortfalls_due, "AT_ONCE", 1)
    for number in (2, 3):
        short.answer(at.db, number, REFUND)
    with transaction(at.db) as session:
        for row in short.rows(at.db):
            shortfall_refund.note_trouble(session, row.id, "the bank")
    found = set()
    for _ in range(40):  # that always the same one comes has a chance of 2 in 10^12
        with reading(at.db) as session:
            found.add(shortfalls_due.due(session, LATER).again)
    assert found == {(1,), (2,)}


def test_what_staff_answer_above_the_limit_needs_a_second_person(at: Short) -> None:
    with transaction(at.db) as session:
        session.get_one(Order, at.ada).label.refund_limit = 1000
    for name, role in (("Sam", Role.OWNER), ("Kim", Role.MANAGER)):
        make_staff(at.db, name, {at.order(at.ada).label_id: role})
    short.answer(at.db, 2, REFUND, actor=SAM)
    made = short.give_back(at.db, 2, LATER)
    assert made is not None
    assert (made.state, short.states(at.db)[2], states_of(at.db)[1]) == (RefundState.PROPOSED, "refunding", "allocated")
    assert short.give_back(at.db, 2, LATER) is None
    with pytest.raises(Conflict, match="second person"):
        short.answer(at.db, 2, UNDO_IT, LATER)
    with pytest.raises(Conflict, match="second person"):
        short.answer(at.db, 2, WAIT, LATER)
    with transaction(at.db) as session, pytest.raises(Conflict, match="second person"):
        shortfall_answers.came_after_all(session, short.of_number(at.db, 2), LATER, SAM, "under the sleeves")
    with transaction(at.db) as session:
        second.decline(session, made.id, LATER)
    asked_anew = short.rows(at.db)[0]
    assert (short.states(at.db)[2], asked_anew.refund_id, asked_anew.answered_by) == ("offered", None, "")
    short.answer(at.db, 2, REFUND, LATER, actor=SAM)
    again = short.give_back(at.db, 2, LATER + UNDO)
    assert again is not None
    with transaction(at.db) as session:
        second.confirm(session, again.id, By(RefundOrigin.DESK, "staff:2", "", 2), LATER + UNDO)
    assert (short.states(at.db)[2], states_of(at.db)[1]) == ("refunded", "withdrawn")


def test_a_fan_is_not_kept_waiting_by_the_labels_limit(at: Short) -> None:
    with transaction(at.db) as session:
        session.get_one(Order, at.ada).label.refund_limit = 1000
    short.answer(at.db, 2, REFUND)
    with transaction(at.db) as session:
        made = shortfall_refund.give_back(session, 1, LATER)
    assert made is not None
    assert made.state is RefundState.WANTED


def test_an_order_that_was_cancelled_in_the_dashboard_answers_nothing_more(at: Short) -> None:
    short.answer(at.db, 3, WAIT)
    refunded_elsewhere(at.db, at.ben, 2595)
    assert at.order(at.ben).state is OrderState.CANCELLED
    with pytest.raises(Conflict, match="cancelled"):
        short.answer(at.db, 3, OTHER, other=5)
    assert (short.arrive(at.db, at.run, 1).served, short.numbers_of(at.db, [at.ben])) == ((), [[(3, 0)]])
    with transaction(at.db) as session, pytest.raises(Conflict, match="cancelled"):
        shortfall_answers.came_after_all(session, short.of_number(at.db, 3), NOW, SAM, "")


def test_a_cancelled_order_keeps_no_number_from_who_bought_later(at: Short) -> None:
    before = short.may(at.db, 4).other
    refunded_elsewhere(at.db, at.ben, 2595)
    assert (before, short.may(at.db, 4).other, short.states(at.db)[3]) == (None, 6, "offered")


def test_the_same_form_makes_copies_once(at: Short) -> None:
    """Nobody waits, so all that come go to the reserve: what was agreed to is the same after as before, save for the copies."""
    with reading(at.db) as session:
        shown = next_issue.outlook(session, at.run, 5).sign
    with transaction(at.db) as session:
        next_issue.arrive(session, at.run, 5, shown, NOW, SAM)
    with transaction(at.db) as session, pytest.raises(Conflict):
        next_issue.arrive(session, at.run, 5, shown, NOW, SAM)
    with reading(at.db) as session:
        assert counts.reserve(session, at.run) == 5

"""After a parcel has left: copies come back or are lost, others are sent for them, and money goes back; each for itself."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from app.checkout import cancel, refund
from app.checkout.mishap_answers import Again, Answer, Answers
from app.checkout.mishaps import Done, Seen, answer, seen
from app.checkout.parts import Plan
from app.fulfilment import shipping
from app.fulfilment.models import Mishap, Parcel, ParcelState, Trouble
from app.inventory import stocktake
from app.inventory.models import Copy
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, Disputed, NotPaid
from app.orders.models import Order
from app.payments.models import Payment
from app.reports.postings import postings
from tests.builders import disputed, open_drop, paid_order
from tests.cast import BEN, NOW, SAM
from tests.databases import states_of
from tests.giving import copies_of, desk

BACK, DAMAGED, LOST = Trouble


@pytest.fixture
def left(db: Database) -> Order:
    """Ada's order of copies 1 and 2 of four, with one in reserve; the parcel has left. €49.95."""
    drop, run = open_drop(db, size=4)
    order = paid_order(db, drop, {run: 2})
    with transaction(db) as session:
        stocktake.press_reserve(session, run, 1, NOW, SAM)
        shipping.ship(session, order.id, "DHL", "0034", NOW, SAM)
    return order


def look(db: Database, order_id: int) -> Seen:
    """What the form shows."""
    with reading(db) as session:
        payment = session.scalar(select(Payment).where(Payment.order_id == order_id))
        return seen(session, session.get_one(Order, order_id), payment)


def say(db: Database, order_id: int, copies: Mapping[int, Answer], looked: Seen | None = None, **more: Any) -> Done:
    """Answer at the desk."""
    looked = looked or look(db, order_id)
    with transaction(db) as session:
        return answer(session, order_id, Answers(copies, **more), looked, desk(), NOW)


def _mishaps(db: Database) -> list[tuple[int, Trouble, int | None, int]]:
    with reading(db) as session:
        rows = session.scalars(select(Mishap).order_by(Mishap.id))
        return [(each.copy_id, each.what, each.again_order_id, each.unit_amount) for each in rows]


def _numbers(db: Database, order_id: int) -> list[tuple[int | None, int]]:
    with reading(db) as session:
        return [(c.number, c.issue) for c in (session.get_one(Copy, id_) for id_ in copies_of(db, order_id))]


def test_a_parcel_comes_back_and_goes_out_again(db: Database, left: Order) -> None:
    done = say(db, left.id, {1: Answer(BACK, Again.SAME), 2: Answer(BACK, Again.SAME)})
    assert (done.refund, done.moved) == (None, 2)
    sent = done.again_order_id or 0
    assert (copies_of(db, left.id), copies_of(db, sent)) == ([], [1, 2])
    assert _mishaps(db) == [(1, BACK, sent, 2400), (2, BACK, sent, 2400)]
    with reading(db) as session:
        order = session.get_one(Order, sent)
        assert (order.total_amount, order.email, order.line1, order.number) == (0, left.email, left.line1, left.number + 1)
        parcels = session.scalars(select(Parcel.state).order_by(Parcel.order_id)).all()
        assert parcels == [ParcelState.SENT, ParcelState.OPEN]


def test_the_second_parcel_leaves_as_any_other(db: Database, left: Order) -> None:
    sent = say(db, left.id, {1: Answer(BACK, Again.SAME)}).again_order_id or 0
    with transaction(db) as session:
        shipping.ship(session, sent, "DHL", "0035", NOW, SAM)
    assert states_of(db)[:2] == ["shipped", "shipped"]
    third = say(db, sent, {1: Answer(LOST, Again.OTHER)}).again_order_id or 0
    assert (_numbers(db, third), _mishaps(db)[-1]) == ([(3, 0)], (1, LOST, third, 2400))
    with reading(db) as session:
        [posting] = postings(session, [third])
        assert [thing.value.amount for thing in posting.things] == [2400]


@pytest.mark.parametrize(
    ("what", "sends", "before", "new"),
    [
        (LOST, Again.RESERVE, "withdrawn", (1, 1)),
        (DAMAGED, Again.RESERVE, "withdrawn", (1, 1)),
        (LOST, Again.OTHER, "withdrawn", (3, 0)),
        (BACK, Again.OTHER, "available", (3, 0)),
    ],
)
def test_another_copy_goes(db: Database, left: Order, what: Trouble, sends: Again, before: str, new: tuple[int, int]) -> None:
    sent = say(db, left.id, {1: Answer(what, sends)}, words="wet").again_order_id or 0
    assert (_numbers(db, sent), copies_of(db, left.id), states_of(db)[0]) == ([new], [2], before)


def test_restock_and_refund_are_questions_of_their_own(db: Database, left: Order) -> None:
    done = say(db, left.id, {1: Answer(BACK), 2: Answer(None, money=True)}, postage=True)
    assert done.refund is not None
    assert (done.refund.amount, done.again_order_id, states_of(db)[:2]) == (2595, None, ["available", "shipped"])
    say(db, left.id, {2: Answer(DAMAGED)}, words="trodden on")
    assert (states_of(db)[:2], copies_of(db, left.id)) == (["available", "withdrawn"], [])


def test_money_goes_back_and_a_copy_is_sent_as_well(db: Database, left: Order) -> None:
    done = say(db, left.id, {1: Answer(LOST, Again.RESERVE, money=True)}, amount=100)
    assert done.refund is not None
    assert (done.refund.amount, done.again_order_id is not None) == (2500, True)


def test_a_copy_whose_refund_waits_for_a_second_person_waits_with_it(db: Database, left: Order) -> None:
    with transaction(db) as session:
        session.get_one(Order, left.id).label.refund_limit = 1000
    done = say(db, left.id, {1: Answer(BACK, money=True), 2: Answer(LOST, Again.OTHER, money=True)})
    assert (states_of(db)[:2], done.moved) == (["shipped", "withdrawn"], 1)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Answer(), BadInput),
        (Answer(None, Again.OTHER), BadInput),
        (Answer(LOST, Again.SAME), BadInput),
        (Answer(BACK, Again.RESERVE), BadInput),
    ],
)
def test_what_does_not_fit_is_refused(db: Database, left: Order, said: Answer, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        say(db, left.id, {1: said})
    assert (states_of(db)[:2], _mishaps(db)) == (["shipped", "shipped"], [])


def test_only_copies_of_a_parcel_that_left(db: Database, left: Order) -> None:
    with pytest.raises(Conflict):
        say(db, left.id, {3: Answer(LOST)})
    sent = say(db, left.id, {1: Answer(BACK, Again.SAME)}).again_order_id or 0
    with pytest.raises(Conflict, match="not left"):
        say(db, sent, {1: Answer(LOST)})


@pytest.mark.parametrize("sends", [Again.RESERVE, Again.OTHER])
def test_with_one_left_two_are_not_sent(db: Database, left: Order, sends: Again) -> None:
    with reading(db) as session:
        run = session.get_one(Copy, 1).run_id
    paid_order(db, left.drop_id, {run: 1}, BEN)
    with pytest.raises(Conflict):
        say(db, left.id, {1: Answer(LOST, sends), 2: Answer(LOST, sends)})
    assert (states_of(db), _mishaps(db)) == (["shipped", "shipped", "allocated", "available", "available"], [])


def test_the_same_form_twice_and_a_refund_meanwhile(db: Database, left: Order) -> None:
    looked = look(db, left.id)
    say(db, left.id, {1: Answer(LOST, Again.OTHER)}, looked)
    with pytest.raises(Conflict, match="since you looked"):
        say(db, left.id, {2: Answer(LOST, Again.OTHER)}, looked)
    with pytest.raises(Conflict, match="since you looked"), transaction(db) as session:
        refund.ask(session, left.id, Plan(amount=100, sent=True), 100, desk(), NOW)


def test_disputed_money_sends_nothing(db: Database, left: Order) -> None:
    disputed(db, left.id)
    with pytest.raises(Disputed):
        say(db, left.id, {1: Answer(LOST, Again.OTHER)})
    say(db, left.id, {1: Answer(BACK)})
    assert states_of(db)[0] == "available"


def test_what_costs_nothing_gives_nothing_back_and_is_the_labels_to_call_off(db: Database, left: Order) -> None:
    sent = say(db, left.id, {1: Answer(BACK, Again.SAME)}).again_order_id or 0
    with pytest.raises(Conflict, match="only the label"), transaction(db) as session:
        cancel.cancel_by_fan(session, sent, NOW)
    with transaction(db) as session:
        shipping.ship(session, sent, "DHL", "", NOW, SAM)
    with pytest.raises(NotPaid):
        say(db, sent, {1: Answer(BACK, money=True)})

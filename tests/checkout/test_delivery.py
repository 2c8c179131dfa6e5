"""Staff say what came from the plant: what is missing leaves the sale, is made good from the reserve, or is offered to its fan."""

from datetime import timedelta

import pytest

from app.checkout import cancel, delivery
from app.fulfilment import shipping
from app.inventory import stocktake
from app.inventory.delivery_models import Unanswered
from app.kernel.db import Database, transaction
from app.kernel.errors import BadInput, Conflict
from app.orders.models import Order
from tests import short
from tests.builders import open_drop, paid_order, take_some
from tests.cast import ADA, BEN, EVE, NOW, SAM
from tests.databases import states_of
from tests.short import said


class Plant:
    """A run of eight with two in reserve (copies 9 and 10): Ada bought 1 and 2, then Ben 3, then Eve 4; 5 to 8 are free."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.drop, self.run = open_drop(db, size=8)
        buyers = ((ADA, 2), (BEN, 1), (EVE, 1))
        self.orders: list[Order] = [
            paid_order(db, self.drop, {self.run: many}, who, NOW + timedelta(seconds=at)) for at, (who, many) in enumerate(buyers)
        ]
        self.ada, self.ben, self.eve = (order.id for order in self.orders)
        with transaction(db) as session:
            stocktake.press_reserve(session, self.run, 2, NOW, SAM)


@pytest.fixture
def plant(db: Database) -> Plant:
    return Plant(db)


def _numbers(group: object) -> list[int | None]:
    return [each.number for each in group]  # type: ignore[attr-defined]  # of a plan's group


def test_by_number_the_reserve_goes_to_who_bought_first_and_the_rest_are_asked(plant: Plant) -> None:
    what = said(4, 3, 1, 2, 7)
    plan = short.look(plant.db, plant.run, what)
    assert (plan.expected, plan.missing, plan.why_not) == (10, 5, ())
    assert (_numbers(plan.free), _numbers(plan.made_good), _numbers(plan.offered)) == ([7], [1, 2], [3, 4])
    made = short.deliver(plant.db, plant.run, what)
    assert (made.came, made.expected, made.by_number, made.answer_by) == (5, 10, True, NOW + timedelta(days=14))
    assert states_of(plant.db)[6] == "withdrawn"
    assert short.states(plant.db) == {1: "replaced", 2: "replaced", 3: "offered", 4: "offered"}
    owned = short.numbers_of(plant.db, [plant.ada, plant.ben, plant.eve])
    assert owned == [[(1, 1), (2, 1)], [(3, 0)], [(4, 0)]]
    assert short.letters(plant.db) == [(plant.ada, "replaced"), (plant.ben, "offer"), (plant.eve, "offer")]


def test_the_reserve_may_be_kept(plant: Plant) -> None:
    short.deliver(plant.db, plant.run, said(1, 2, reserve=False))
    assert short.states(plant.db) == {1: "offered", 2: "offered"}
    assert states_of(plant.db)[8:] == ["available", "available"]
    assert short.letters(plant.db) == [(plant.ada, "offer")], "one letter about both"


@pytest.mark.parametrize(
    ("came", "reserve", "withdrawn", "asked"),
    [
        (9, True, [9], []),
        (7, True, [9, 10, 8], []),
        (4, True, [9, 10, 8, 7, 6, 5], []),
        (2, True, [9, 10, 8, 7, 6, 5], [3, 4]),
        (8, False, [8, 7], []),
        (4, False, [8, 7, 6, 5], [3, 4]),
        (0, True, [9, 10, 8, 7, 6, 5], [1, 2, 3, 4]),
    ],
)
def test_by_count_it_falls_on_the_reserve_then_the_unsold_then_the_last_buyers(
    plant: Plant, came: int, reserve: bool, withdrawn: list[int], asked: list[int]
) -> None:
    short.deliver(plant.db, plant.run, said(came=came, reserve=reserve))
    assert [at for at, state in enumerate(states_of(plant.db), 1) if state == "withdrawn"] == sorted(withdrawn)
    assert short.states(plant.db) == dict.fromkeys(asked, "offered")


def test_nothing_missing_is_nothing_to_do(plant: Plant) -> None:
    for what in (said(came=10), said(came=11), said()):
        with pytest.raises(BadInput):
            short.look(plant.db, plant.run, what)


def test_what_is_in_a_hold_packed_or_sent_is_not_missing(plant: Plant) -> None:
    take_some(plant.db, plant.drop, {plant.run: 1})
    with transaction(plant.db) as session:
        shipping.pack(session, plant.ben, NOW)
        shipping.ship(session, plant.eve, "DHL", "", NOW, SAM)
    plan = short.look(plant.db, plant.run, said(3, 4, 5, 99))
    assert len(plan.why_not) == 4, plan.why_not
    with pytest.raises(Conflict, match="hold"):
        short.deliver(plant.db, plant.run, said(5))
    assert short.look(plant.db, plant.run, said(came=2)).why_not, "one falls on a buyer, while a later one is still paying"
    short.deliver(plant.db, plant.run, said(came=3))
    assert (short.states(plant.db), states_of(plant.db)[4]) == ({}, "held")


def test_a_reserve_that_is_not_to_be_used_cannot_be_what_is_missing(plant: Plant) -> None:
    assert short.look(plant.db, plant.run, said(came=1, reserve=False)).why_not
    assert not short.look(plant.db, plant.run, said(came=2, reserve=False)).why_not


def test_who_looked_at_something_else_is_told(plant: Plant) -> None:
    shown = short.look(plant.db, plant.run, said(came=4)).sign
    paid_order(plant.db, plant.drop, {plant.run: 1}, BEN, NOW + timedelta(minutes=1))
    with transaction(plant.db) as session, pytest.raises(Conflict, match="moved since"):
        delivery.deliver(session, plant.run, said(came=4), shown, NOW, SAM)
    assert (short.rows(plant.db), states_of(plant.db)[5:]) == ([], ["available"] * 5)


def test_the_same_form_twice_asks_nobody_twice(plant: Plant) -> None:
    what = said(3, reserve=False)
    shown = short.look(plant.db, plant.run, what).sign
    short.deliver(plant.db, plant.run, what)
    with transaction(plant.db) as session, pytest.raises(Conflict, match="owed already"):
        delivery.deliver(session, plant.run, what, shown, NOW, SAM)
    assert short.letters(plant.db) == [(plant.ben, "offer")]


def test_a_second_delivery_counts_what_is_owed_as_not_expected(plant: Plant) -> None:
    short.deliver(plant.db, plant.run, said(came=2))
    assert short.look(plant.db, plant.run, said(came=1)).expected == 2
    short.deliver(plant.db, plant.run, said(came=1))
    assert short.states(plant.db) == {3: "offered", 4: "offered", 2: "offered"}


@pytest.mark.parametrize("deed", ["pack", "ship"])
def test_nothing_leaves_without_the_copy(plant: Plant, deed: str) -> None:
    short.deliver(plant.db, plant.run, said(2, reserve=False))
    with transaction(plant.db) as session, pytest.raises(Conflict, match="has not come"):
        if deed == "pack":
            shipping.pack(session, plant.ada, NOW)
        else:
            shipping.ship(session, plant.ada, "DHL", "", NOW, SAM)
    with transaction(plant.db) as session:
        shipping.pack(session, plant.ben, NOW)


def test_a_cancelled_order_does_not_put_what_never_came_on_sale(plant: Plant) -> None:
    short.deliver(plant.db, plant.run, said(1, reserve=False, unanswered=Unanswered.WAIT))
    with transaction(plant.db) as session:
        cancel.cancel_by_fan(session, plant.ada, NOW)
    assert states_of(plant.db)[:2] == ["withdrawn", "available"]
    assert short.states(plant.db) == {1: "left"}

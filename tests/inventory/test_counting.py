"""The shelf of a run is counted: scanned, compared by what moved since, every difference named, then closed."""

from typing import Any

import pytest
from sqlalchemy import select

from app.checkout.mishap_answers import Answer, Answers
from app.checkout.mishaps import Seen, answer
from app.fulfilment import shipping
from app.fulfilment.models import Trouble
from app.inventory import claims, counting, stocktake
from app.inventory.differences import Difference, differences, may_be
from app.inventory.models import Copy, CountedCopy, Finding, StockCount, StockMovement
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, NotFound
from tests.builders import open_drop, paid_order, take_some
from tests.cast import ADA, BEN, NOW, SAM, someone
from tests.databases import states_of
from tests.giving import desk

FOUND, LOST, DAMAGED, PROMO, MIS_SHIPPED, OTHER = Finding


class Shelf:
    """A run of five with one in reserve (copy 6); Ada bought copy 1, which has left, and Cora copy 2; a count is open."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.drop, self.run = open_drop(db, size=5)
        self.left, self.here = (paid_order(db, self.drop, {self.run: 1}, person).id for person in (ADA, someone("cora")))
        with transaction(db) as session:
            stocktake.press_reserve(session, self.run, 1, NOW, SAM)
            shipping.ship(session, self.left, "DHL", "", NOW, SAM)
        self.count = self.open()

    def open(self) -> int:
        with transaction(self.db) as session:
            return counting.open_count(session, self.run, NOW, SAM).id

    def scan(self, *copies: int) -> list[bool]:
        with transaction(self.db) as session:
            return [counting.scan(session, self.count, copy, NOW, SAM) for copy in copies]

    def name(self, copy: int, what: Finding, words: str = "") -> None:
        with transaction(self.db) as session:
            counting.name(session, self.count, copy, what, words, NOW, SAM)

    def close(self) -> None:
        with transaction(self.db) as session:
            counting.close(session, self.count, NOW, SAM)

    def differs(self) -> dict[int, bool]:
        """Copies that differ: are they missing?"""
        with reading(self.db) as session:
            return {each.copy_id: each.missing for each in differences(session, session.get_one(StockCount, self.count))}

    def withdraw(self, copy: int, why: str) -> None:
        with transaction(self.db) as session:
            claims.withdraw(session, copy, NOW, SAM, why)


@pytest.fixture
def shelf(db: Database) -> Shelf:
    return Shelf(db)


def test_all_is_there(shelf: Shelf) -> None:
    assert shelf.differs() == dict.fromkeys((2, 3, 4, 5, 6), True)
    assert shelf.scan(2, 3, 4, 5, 6, 3) == [True, True, True, True, True, False]
    assert shelf.differs() == {}
    shelf.close()
    with reading(shelf.db) as session:
        kept = session.get_one(StockCount, shelf.count)
        assert (kept.closed_at, kept.closed_by, kept.opened_by) == (NOW, SAM, SAM)
        assert len(session.scalars(select(CountedCopy)).all()) == 5


def test_one_count_of_a_run_is_open_at_a_time(shelf: Shelf) -> None:
    assert shelf.open() == shelf.count
    shelf.scan(2, 3, 4, 5, 6)
    shelf.close()
    assert shelf.open() != shelf.count
    with pytest.raises(Conflict, match="closed"):
        shelf.scan(3)


def test_a_scan_is_undone(shelf: Shelf) -> None:
    shelf.scan(3)
    with transaction(shelf.db) as session:
        assert [counting.undo(session, shelf.count, 3) for _ in range(2)] == [True, False]
    assert 3 in shelf.differs()


def test_every_difference_needs_its_name(shelf: Shelf) -> None:
    shelf.scan(1, 2, 5)
    assert shelf.differs() == {1: False, 3: True, 4: True, 6: True}
    with pytest.raises(Conflict, match="4 of the differences have no name"):
        shelf.close()
    shelf.name(3, LOST, "behind the shelf?")
    shelf.name(4, FOUND)
    shelf.name(6, DAMAGED)
    assert (shelf.differs(), states_of(shelf.db)) == (
        {1: False},
        ["shipped", "allocated", "withdrawn", "available", "available", "withdrawn"],
    )
    with reading(shelf.db) as session:
        why = session.scalars(select(StockMovement.reason).where(StockMovement.copy_id == 3).order_by(StockMovement.id)).all()
        assert why[-1] == "lost: behind the shelf?"


def test_a_name_reads_the_one_difference_that_it_is_for(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.scan(1, 2, 5)
    read: list[int] = []

    def counted(*about: Any) -> list[Difference]:
        found = differences(*about)
        read.append(len(found))
        return found

    monkeypatch.setattr(counting, "differences", counted)
    shelf.name(3, LOST)
    with pytest.raises(Conflict, match="no difference any more"):
        shelf.name(3, LOST)
    assert read == [1, 0]
    assert shelf.differs() == {1: False, 4: True, 6: True}


def test_what_was_shipped_and_is_here_came_back_with_its_order(shelf: Shelf) -> None:
    shelf.scan(1, 2, 3, 4, 5, 6)
    with reading(shelf.db) as session:
        [only] = differences(session, session.get_one(StockCount, shelf.count))
        assert may_be(only) == ()
    with pytest.raises(Conflict, match="cannot be that"):
        shelf.name(1, FOUND)
    with transaction(shelf.db) as session:
        answer(session, shelf.left, Answers({1: Answer(Trouble.CAME_BACK)}), Seen(2595, 0), desk(), NOW)
    assert shelf.differs() == {}


def test_what_was_lost_and_is_here_goes_on_sale(shelf: Shelf) -> None:
    shelf.scan(2, 3, 4, 5, 6)
    shelf.close()
    shelf.withdraw(3, "lost")
    shelf.withdraw(4, "damaged: cracked")
    shelf.count = shelf.open()
    shelf.scan(2, 3, 4, 5, 6)
    assert shelf.differs() == {3: False}
    shelf.name(3, FOUND)
    assert (states_of(shelf.db)[2:4], shelf.differs()) == (["available", "withdrawn"], {})


def test_a_damaged_copy_may_lie_here_or_in_the_bin(shelf: Shelf) -> None:
    shelf.withdraw(3, "damaged")
    shelf.count = shelf.open()
    shelf.scan(2, 4, 5, 6)
    assert shelf.differs() == {}


def test_what_is_sold_or_held_is_not_named_away(shelf: Shelf) -> None:
    take_some(shelf.db, shelf.drop, {shelf.run: 1}, BEN)
    shelf.scan(4, 5, 6)
    assert shelf.differs() == {2: True, 3: True}
    for copy in (2, 3):
        with pytest.raises(Conflict, match="cannot be that"):
            shelf.name(copy, LOST)
        shelf.name(copy, FOUND)
    shelf.close()
    assert states_of(shelf.db)[1:3] == ["allocated", "held"]


def test_selling_and_shipping_during_the_count_is_no_difference(shelf: Shelf) -> None:
    shelf.scan(2, 3)
    sold = paid_order(shelf.db, shelf.drop, {shelf.run: 1}, BEN).id  # copy 3
    with transaction(shelf.db) as session:
        shipping.ship(session, sold, "DHL", "", NOW, SAM)  # scanned, then left
        shipping.ship(session, shelf.here, "DHL", "", NOW, SAM)
    shelf.withdraw(4, "promo")  # left without having been scanned
    shelf.scan(5, 6)
    assert shelf.differs() == {}
    shelf.close()


def test_names_that_do_not_fit(shelf: Shelf) -> None:
    shelf.scan(3)
    with pytest.raises(Conflict, match="no difference"):
        shelf.name(3, LOST)
    with pytest.raises(BadInput):
        shelf.name(4, OTHER)
    with pytest.raises(NotFound), transaction(shelf.db) as session:
        counting.scan(session, 99, 3, NOW, SAM)
    assert states_of(shelf.db)[2:4] == ["available", "available"]


def test_copies_of_another_run_are_refused(shelf: Shelf) -> None:
    open_drop(shelf.db, size=2)
    with reading(shelf.db) as session:
        other = session.scalars(select(Copy.id).where(Copy.run_id != shelf.run)).first()
    with pytest.raises(Conflict, match="another run"):
        shelf.scan(other or 0)

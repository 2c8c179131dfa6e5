"""A copy for somebody: set aside until a time, given away with nothing to pay, or put back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.roles import Role
from app.checkout import aside
from app.checkout.follow import CONFIRM
from app.drops import writing
from app.drops.models import Drop
from app.fulfilment import shipping
from app.fulfilment.models import PostageRate
from app.inventory.desk_holds import Asked
from app.inventory.models import Copy, DeskHold, Hold, StockMovement
from app.inventory.states import HoldState
from app.kernel.db import reading, transaction
from app.kernel.errors import BadInput, CannotPostThere, Conflict, NotFound, SoldOut
from app.orders.models import Order
from tests.builders import BERLIN, make_label, make_release, make_run, open_drop, take_some, take_with_details
from tests.cast import ADA, BEN, EVE, NOW, SAM
from tests.drops.test_writing import as_stored
from tests.staff.seat import make_staff
from tests.story import Story

LATER = NOW + timedelta(days=2)
ASKED = Asked("Mira Vale", "the artist's own", 1, SAM)


@pytest.fixture
def drop(story: Story) -> tuple[int, int]:
    """An open drop of three copies, one a fan; Sam (1) manages its label."""
    drop, run = open_drop(story.db, size=3, limit=1)
    with reading(story.db) as session:
        label = session.get_one(Drop, drop).label_id
    make_staff(story.db, "Sam", {label: Role.MANAGER})
    return drop, run


@pytest.fixture
def copy(story: Story, drop: tuple[int, int]) -> int:
    """№ 2."""
    with reading(story.db) as session:
        return session.scalars(select(Copy.id).where(Copy.number == 2)).one()


@pytest.fixture
def held(story: Story, copy: int) -> int:
    """№ 2 is set aside for Mira; the hold's id."""
    return set_aside(story, copy)


def set_aside(story: Story, copy: int) -> int:
    with transaction(story.db) as session:
        return aside.hold_copy(session, copy, ASKED, LATER, story.clock.now()).id


def give(story: Story, hold: int, email: str = "") -> Order:
    with transaction(story.db) as session:
        order_id = aside.give(session, hold, BERLIN, email, story.clock.now())
    return story.order(order_id)


def both(hold: int) -> list[Callable[[Session], object]]:
    """What may become of a hold at the desk."""
    return [
        lambda session: aside.put_back(session, hold, SAM, NOW),
        lambda session: aside.give(session, hold, BERLIN, "", NOW),
    ]


def test_it_stays_until_its_time_and_lapses_by_itself(story: Story, drop: tuple[int, int], held: int) -> None:
    assert story.stock(drop[1]).copies == "aha"
    story.clock.set(LATER - timedelta(seconds=1))
    story.lapse(held)
    assert story.stock(drop[1]).copies == "aha"
    story.clock.set(LATER)
    story.lapse(held)
    assert (story.stock(drop[1]).copies, story.hold(held).state) == ("aaa", HoldState.PUT_BACK)


def test_a_fan_gets_it_after_its_time_though_nobody_swept(story: Story, drop: tuple[int, int], held: int) -> None:
    take_some(story.db, drop[0], {drop[1]: 1}, ADA)
    with transaction(story.db) as session:
        session.get_one(Hold, 2).expires_at = LATER + timedelta(hours=1)
    take_some(story.db, drop[0], {drop[1]: 1}, BEN)
    story.clock.set(LATER)
    assert story.stock(drop[1]).copies == "hhh"
    with transaction(story.db) as session:
        session.get_one(Hold, 3).expires_at = LATER + timedelta(hours=1)
    taken = take_some(story.db, drop[0], {drop[1]: 1}, EVE, LATER)
    assert [each.numbers for each in taken.contents] == [(2,)]


def test_before_its_time_no_fan_gets_it(story: Story, drop: tuple[int, int], held: int) -> None:
    take_some(story.db, drop[0], {drop[1]: 1}, ADA)
    take_some(story.db, drop[0], {drop[1]: 1}, BEN)
    with pytest.raises(SoldOut):
        take_some(story.db, drop[0], {drop[1]: 1}, EVE)


def test_it_is_written_down_without_the_name(story: Story, held: int) -> None:
    with reading(story.db) as session:
        kept = session.get_one(DeskHold, held)
        assert (kept.for_whom, kept.reason, kept.staff_id) == ("Mira Vale", "the artist's own", 1)
        moved = session.scalars(select(StockMovement).where(StockMovement.hold_id == held)).one()
        assert (moved.actor, moved.reason, moved.after) == (SAM, "the artist's own", "held")


def test_given_it_is_an_order_like_any_other(story: Story, drop: tuple[int, int], held: int) -> None:
    order = give(story, held, "mira@example.org")
    assert (order.total_amount, order.lines_amount, order.postage_amount, order.number, order.name) == (0, 0, 0, 1, BERLIN.name)
    assert story.stock(drop[1]).copies == "asa"
    [letter] = story.post()
    assert (letter.to, "№ 2" in letter.subject, "Order 00001 is confirmed." in letter.text) == ("mira@example.org", True, True)
    assert "https://shop.example/orders/" in letter.text
    assert story.payments() == []
    with transaction(story.db) as session:
        shipping.ship(session, order.id, "DHL", "", story.clock.now(), SAM)
    [letter] = story.post()
    assert letter.to == "mira@example.org"


def test_without_an_address_nobody_is_written_to(story: Story, held: int) -> None:
    give(story, held)
    assert (story.post(), story.letters(CONFIRM)) == ([], 1)


def test_it_is_nobodys_share(story: Story, drop: tuple[int, int], held: int, copy: int) -> None:
    give(story, held, ADA.email)
    with reading(story.db) as session:
        other = session.scalars(select(Copy.id).where(Copy.number == 3)).one()
    give(story, set_aside(story, other), ADA.email)
    hold = take_with_details(story.db, drop[0], {drop[1]: 1}, ADA, story.clock.now())
    assert story.pay(hold.id).url


def test_put_back(story: Story, drop: tuple[int, int], held: int) -> None:
    with transaction(story.db) as session:
        assert aside.put_back(session, held, SAM, NOW) == [2]
    assert story.stock(drop[1]).copies == "aaa"
    for deed in both(held):
        with pytest.raises(Conflict, match="not held for anybody"), transaction(story.db) as session:
            deed(session)


def test_after_its_time_it_is_not_given(story: Story, held: int) -> None:
    with pytest.raises(Conflict), transaction(story.db) as session:
        aside.give(session, held, BERLIN, "", LATER)
    assert story.orders() == []


def test_a_fans_hold_is_not_the_desks(story: Story, drop: tuple[int, int]) -> None:
    hold = take_some(story.db, drop[0], {drop[1]: 1}, ADA).hold.id
    for deed in both(hold):
        with pytest.raises(Conflict), transaction(story.db) as session:
            deed(session)
    assert story.hold(hold).state is HoldState.ACTIVE


def test_the_run_stays_in_its_drop(story: Story, drop: tuple[int, int], held: int) -> None:
    with transaction(story.db) as session:
        row = session.get_one(Drop, drop[0])
        row.published_at = None
        with pytest.raises(Conflict, match="set aside in this drop"):
            writing.edit(session, row.id, replace(as_stored(row), runs=()), NOW)


def test_what_cannot_be(story: Story, drop: tuple[int, int], copy: int, held: int) -> None:
    with pytest.raises(Conflict, match="not free any more"):
        set_aside(story, copy)
    for until in (NOW, NOW + aside.LONGEST + timedelta(seconds=1)):
        with pytest.raises(BadInput), transaction(story.db) as session:
            aside.hold_copy(session, copy, ASKED, until, NOW)
    with pytest.raises(NotFound), transaction(story.db) as session:
        aside.hold_copy(session, 99, ASKED, LATER, NOW)
    with transaction(story.db) as session:
        unsold = make_run(session, make_release(session, make_label(session)), size=1).id
    with reading(story.db) as session:
        alone = session.scalars(select(Copy.id).where(Copy.run_id == unsold)).one()
    with pytest.raises(Conflict, match="No drop sells this run"):
        set_aside(story, alone)
    with transaction(story.db) as session:
        session.execute(delete(PostageRate))
    with pytest.raises(CannotPostThere):
        give(story, held)
    with reading(story.db) as session:
        assert len(session.scalars(select(Hold.id)).all()) == 1

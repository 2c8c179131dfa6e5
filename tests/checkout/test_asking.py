"""The address check before the pack lock: one mail for each fan, an answer on the order's page, and the lock on its day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.catalogue.making import Step
from app.catalogue.models import Run
from app.checkout import asking, readdress
from app.fulfilment import address_checks
from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.preorder_rows import Answer
from app.kernel.db import reading, transaction
from app.kernel.errors import BadInput, Conflict
from app.payments.facts import Address
from app.reports import making_desk
from app.worker import preorders
from tests.builders import make_drop, make_run, open_drop
from tests.cast import ADA, BEN, EVE
from tests.preordering import _House, ask_addresses, making, say, told
from tests.story import Story

DAY = date(2026, 12, 4)


@pytest.fixture
def run(story: Story) -> int:
    """A pre-order, of which Ada has two orders and Ben one."""
    _drop, run = open_drop(story.db, size=8)
    say(story.db, story.clock, run)
    told(story)
    for who in (ADA, BEN, ADA):
        story.buy(1, {run: 1}, who)
    story.post()
    return run


def _parcels(story: Story) -> list[str]:
    with reading(story.db) as session:
        return [state.value for state in session.scalars(select(Parcel.state).order_by(Parcel.order_id))]


def _look(story: Story) -> None:
    """The worker's minute."""
    preorders.lock_due(_House(story), story.clock.now())  # type: ignore[arg-type]  # all that it uses of a house


def test_each_fan_is_asked_once_however_often_it_is_pressed(story: Story, run: int) -> None:
    letters = ask_addresses(story, run, DAY)
    assert sorted(letter.to for letter in letters) == ["ada@example.org", "ben@example.org"]
    [hers] = [letter for letter in letters if letter.to == ADA.email]
    assert hers.subject == "Is this still where you live?"
    assert hers.text.count("Prüfweg 1") == 2
    assert "until the end of 4 December 2026" in hers.text
    assert ask_addresses(story, run, DAY) == []
    story.buy(1, {run: 1}, EVE)
    story.post()
    assert [letter.to for letter in ask_addresses(story, run, DAY)] == ["eve@example.org"]


def test_the_desk_counts_what_they_said(story: Story, run: int) -> None:
    ask_addresses(story, run)
    with transaction(story.db) as session:
        assert address_checks.answer(session, 1, Answer.RIGHT, story.clock.now()) is True
        readdress.by_fan(session, 2, Address("Ben Okri", "Neue Straße 2", "", "10115", "Berlin", "", "DE"), story.clock.now())
    with reading(story.db) as session:
        checks = making_desk.making_desk(session, run).checks
    assert (checks.asked, checks.right, checks.changed, checks.silent) == (3, 1, 1, 1)


def test_an_answer_that_nobody_asked_for_is_not_kept(story: Story, run: int) -> None:
    with transaction(story.db) as session:
        assert address_checks.answer(session, 1, Answer.RIGHT, story.clock.now()) is False


def test_the_parcels_are_locked_when_the_day_is_over_at_the_label(story: Story, run: int) -> None:
    ask_addresses(story, run, DAY)
    story.clock.set(asking.over(DAY, "Europe/Berlin") - timedelta(seconds=1))
    _look(story)
    assert (_parcels(story), making(story.db, run).locked_at) == (["open"] * 3, None)
    story.clock.forward(seconds=1)
    _look(story)
    assert (_parcels(story), making(story.db, run).locked_at) == (["locked"] * 3, story.clock.now())
    with reading(story.db) as session:
        noted = session.execute(select(AuditEntry.entity_id, AuditEntry.staff_id).where(AuditEntry.deed == asking.LOCKED)).all()
    assert sorted(noted) == [(1, None), (2, None), (3, None)]
    _look(story)
    with transaction(story.db) as session, pytest.raises(Conflict, match="Packing has begun"):
        readdress.by_fan(session, 1, Address("Ada Lovelace", "x", "", "1", "y", "", "DE"), story.clock.now())


def test_who_orders_after_a_lock_by_hand_is_locked_on_the_day(story: Story, run: int) -> None:
    ask_addresses(story, run, DAY)
    with transaction(story.db) as session:
        asking.lock(session, run, story.clock.now())
    story.buy(1, {run: 1}, EVE)
    story.post()
    assert _parcels(story) == ["locked"] * 3 + ["open"]
    story.clock.set(asking.over(DAY, "Europe/Berlin"))
    _look(story)
    assert (_parcels(story), making(story.db, run).locked_at) == (["locked"] * 4, story.clock.now())


def test_many_parcels_are_locked_some_at_a_time(story: Story, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 2)
    ask_addresses(story, run, DAY)
    story.clock.set(asking.over(DAY, "Europe/Berlin"))
    _look(story)
    assert _parcels(story).count("locked") == 2
    _look(story)
    assert _parcels(story) == ["locked"] * 3


def test_what_waits_for_another_run_as_well_stays_open(story: Story, run: int) -> None:
    with transaction(story.db) as session:
        waited = session.get_one(Run, run)
        later = make_run(session, waited.release)
        drop = make_drop(session, [waited, later], opens_at=story.clock.now() - timedelta(minutes=1))
        drop_id, later_id = drop.id, later.id
    say(story.db, story.clock, later_id, Step.FILES_IN)
    story.buy(drop_id, {run: 1, later_id: 1}, EVE)
    with transaction(story.db) as session:
        assert asking.lock(session, run, story.clock.now(), None) == 3
    assert _parcels(story) == ["locked", "locked", "locked", "open"]
    say(story.db, story.clock, later_id, Step.HERE)
    with transaction(story.db) as session:
        assert asking.lock(session, run, story.clock.now(), None) == 1


def test_who_has_no_open_parcel_is_not_asked(story: Story, run: int) -> None:
    with transaction(story.db) as session:
        asking.lock(session, run, story.clock.now(), None)
    assert ask_addresses(story, run) == []


def test_not_for_a_day_that_is_over_nor_for_what_is_no_preorder(story: Story, run: int) -> None:
    yesterday = date(2026, 11, 26)
    with transaction(story.db) as session, pytest.raises(BadInput):
        asking.wish(session, run, yesterday, story.clock.now())
    _drop, plain = open_drop(story.db)
    with transaction(story.db) as session, pytest.raises(Conflict, match="no pre-order"):
        asking.wish(session, plain, None, story.clock.now())
    assert making(story.db, run).asked_at is None


def test_a_lock_that_was_set_again_for_later_waits_for_that_day(story: Story, run: int) -> None:
    ask_addresses(story, run, DAY)
    ask_addresses(story, run, DAY + timedelta(days=7))
    story.clock.set(asking.over(DAY, "Europe/Berlin"))
    _look(story)
    assert set(_parcels(story)) == {ParcelState.OPEN.value}

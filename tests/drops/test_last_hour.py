"""The last hour before a drop opens: what stays, who may change it, and what becomes of a change that waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.roles import Role
from app.catalogue.models import Run
from app.drops import changes, deeds, last_hour, pausing, selling, writing
from app.drops.doors import Door
from app.drops.models import ChangeState, Drop, DropChange
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from tests.builders import make_drop, make_label, make_release, make_run
from tests.cast import NOW
from tests.drops.test_writing import as_stored
from tests.staff.seat import make_staff

T0 = NOW + timedelta(minutes=40)
SECOND = timedelta(seconds=1)


@pytest.fixture
def drop(db: Database) -> Drop:
    """A drop that opens in forty minutes; Sam (1) manages its label and Olga (2) owns it."""
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        made = make_drop(session, [make_run(session, release), make_run(session, release)], opens_at=T0)
    make_staff(db, "Sam", {made.label_id: Role.MANAGER})
    make_staff(db, "Olga", {made.label_id: Role.OWNER})
    make_staff(db, "Pat", {made.label_id: Role.PACKER})
    return made


@pytest.fixture
def session(db: Database, drop: Drop) -> Iterator[Session]:
    with transaction(db) as session:
        yield session


def ask(session: Session, drop: Drop, run: Run | None = None, now: datetime = NOW, by: int = 1, **wanted: Any) -> DropChange:
    return changes.ask(session, writing.locked(session, drop.id), run, wanted, by, "The plant sent fewer.", now)


@pytest.mark.parametrize(
    ("published", "now", "begun"),
    [
        (True, T0 - timedelta(hours=1) - SECOND, False),
        (True, T0 - timedelta(hours=1), True),
        (True, T0 - SECOND, True),
        (True, T0, False),
        (False, T0 - SECOND, False),
    ],
)
def test_when_it_is(published: bool, now: datetime, begun: bool) -> None:
    assert last_hour.has_begun(Door(published, T0, None, paused=False), now) is begun


@pytest.mark.parametrize(
    "change",
    [
        {"opens_at": T0 + timedelta(days=1)}, {"closes_at": T0 + timedelta(days=2)}, {"limit_per_fan": 7}, {"hold_minutes": 11},
        {"network_holds": 301}, {"network_share": 21}, {"runs": (2, 1)}, {"runs": (1,)},
    ],
)  # fmt: skip
def test_one_person_does_not_change_it(session: Session, drop: Drop, change: dict[str, Any]) -> None:
    row = session.get_one(Drop, drop.id)
    with pytest.raises(Conflict, match="second person"):
        writing.edit(session, drop.id, replace(as_stored(row), **change), NOW)
    writing.edit(session, drop.id, replace(as_stored(row), title="Still this"), NOW)
    writing.edit(session, drop.id, replace(as_stored(row), **change), T0 - timedelta(hours=1) - SECOND)


def test_it_is_not_taken_back_but_can_be_paused(session: Session, drop: Drop) -> None:
    with pytest.raises(Conflict, match="Pause it"):
        deeds.unpublish(session, drop.id, NOW)
    assert pausing.pause(session, drop.id, "The van broke down.", NOW).paused_at == NOW


def test_a_run_is_of_the_drop_that_opens_next(session: Session, drop: Drop) -> None:
    run = drop.entries[0].run_id
    later = make_drop(session, [session.get_one(Run, run)], opens_at=T0 + timedelta(minutes=10))
    assert selling.opening_soon(session, run, NOW) is session.get(Drop, drop.id)
    assert selling.opening_soon(session, run, T0) is later
    assert selling.opening_soon(session, run, T0 - timedelta(hours=1) - SECOND) is None


def test_another_person_changes_it(session: Session, drop: Drop) -> None:
    later = T0 + timedelta(minutes=30)
    change = ask(session, drop, opens_at=later, runs=(2,))
    row = session.get_one(Drop, drop.id)
    assert (row.opens_at, len(row.entries)) == (T0, 2)
    confirmed = changes.confirm(session, change.id, 2, NOW)
    assert (row.opens_at, [entry.run_id for entry in row.entries]) == (later, [2])
    assert (confirmed.state, confirmed.asked_by, confirmed.confirmed_by, confirmed.why) == (ChangeState.APPLIED, 1, 2, "")
    with pytest.raises(Conflict, match="decided"):
        changes.confirm(session, change.id, 2, NOW)
    with pytest.raises(Conflict, match="decided"):
        changes.take_back(session, change.id, NOW)


def test_the_price_of_a_run(session: Session, drop: Drop) -> None:
    run = session.get_one(Run, drop.entries[1].run_id)
    change = ask(session, drop, run, price=2600, limit_per_fan=None)
    assert run.price == 2400
    changes.confirm(session, change.id, 2, NOW)
    assert (run.price, run.limit_per_fan, run.weight) == (2600, None, 80)


def test_who_asked_does_not_say_yes_while_somebody_else_could(session: Session, drop: Drop) -> None:
    change = ask(session, drop, limit_per_fan=7)
    with pytest.raises(Forbidden, match="somebody else"):
        changes.confirm(session, change.id, 1, NOW + timedelta(minutes=20), why="I am in a hurry")
    assert session.get_one(Drop, drop.id).limit_per_fan is None


def test_who_is_alone_waits_ten_minutes_and_says_why(db: Database) -> None:
    with transaction(db) as session:
        drop = make_drop(session, [make_run(session, make_release(session, make_label(session)))], opens_at=T0)
    make_staff(db, "Sam", {drop.label_id: Role.OWNER})
    make_staff(db, "Pat", {drop.label_id: Role.PACKER})
    with transaction(db) as session:
        change = ask(session, drop, limit_per_fan=7)
        with pytest.raises(Conflict, match="ten minutes"):
            changes.confirm(session, change.id, 1, NOW + timedelta(minutes=10) - SECOND, why="nobody else works here")
        with pytest.raises(Conflict, match="why"):
            changes.confirm(session, change.id, 1, NOW + timedelta(minutes=10))
        confirmed = changes.confirm(session, change.id, 1, NOW + timedelta(minutes=10), why="nobody else works here")
        assert (confirmed.why, session.get_one(Drop, drop.id).limit_per_fan) == ("nobody else works here", 7)


def test_it_lapses_when_the_drop_opens(session: Session, drop: Drop) -> None:
    change = ask(session, drop, limit_per_fan=7)
    assert changes.waiting(session, drop.id, T0 - SECOND) is change
    assert changes.waiting(session, drop.id, T0) is None
    for decide in (lambda: changes.confirm(session, change.id, 2, T0), lambda: changes.take_back(session, change.id, T0)):
        with pytest.raises(Conflict, match="lapsed"):
            decide()
    assert session.get_one(Drop, drop.id).limit_per_fan is None


def test_only_one_waits_and_one_that_has_lapsed_makes_way(session: Session, drop: Drop) -> None:
    first = ask(session, drop, limit_per_fan=7)
    with pytest.raises(Conflict, match="Another change"):
        ask(session, drop, limit_per_fan=8)
    session.get_one(Drop, drop.id).opens_at = T0 + timedelta(minutes=30)
    second = ask(session, drop, limit_per_fan=8, now=T0)
    assert (first.state, first.ended_at, second.lapses_at) == (ChangeState.LAPSED, T0, T0 + timedelta(minutes=30))
    changes.take_back(session, second.id, T0)
    assert ask(session, drop, limit_per_fan=9, now=T0).state is ChangeState.WAITING


def test_what_could_not_be_done_is_not_asked_for(session: Session, drop: Drop) -> None:
    for wrong, refusal in (({"closes_at": T0 - SECOND}, BadInput), ({"hold_minutes": 0}, BadInput), ({"runs": (9,)}, BadInput)):
        with pytest.raises(refusal):
            ask(session, drop, **wrong)
    with pytest.raises(Conflict, match="doors would open at once"):
        ask(session, drop, opens_at=NOW)
    with pytest.raises(BadInput, match="Say why"):
        changes.ask(session, writing.locked(session, drop.id), None, {"limit_per_fan": 7}, 1, "", NOW)
    assert changes.waiting(session, drop.id, NOW) is None
    assert session.get_one(Drop, drop.id).opens_at == T0


def test_it_is_done_only_while_it_still_holds(session: Session, drop: Drop) -> None:
    soon = ask(session, drop, opens_at=NOW + timedelta(minutes=5))
    with pytest.raises(Conflict, match="doors would open at once"):
        changes.confirm(session, soon.id, 2, NOW + timedelta(minutes=5))
    changes.take_back(session, soon.id, NOW)
    change = ask(session, drop, limit_per_fan=7)
    session.get_one(Drop, drop.id).limit_per_fan = 3
    with pytest.raises(Conflict, match="not what it was"):
        changes.confirm(session, change.id, 2, NOW)
    with pytest.raises(NotFound):
        changes.confirm(session, 99, 2, NOW)
    assert session.get_one(Drop, drop.id).limit_per_fan == 3


def test_what_was_asked_for_stays_written_down(db: Database, drop: Drop) -> None:
    with transaction(db) as session:
        ask(session, drop, opens_at=T0 + SECOND, closes_at=None, runs=(2, 1))
    with reading(db) as session:
        kept = session.get_one(DropChange, 1)
        assert changes.read(kept.wanted) == {"opens_at": T0 + SECOND, "closes_at": None, "runs": (2, 1)}
        assert (kept.reason, kept.lapses_at) == ("The plant sent fewer.", T0)

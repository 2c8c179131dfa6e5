"""The last hour at the desk: a change is asked for on the usual form, and somebody else says yes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import AuditEntry, Staff
from app.accounts.roles import Role
from app.catalogue.models import Run
from app.drops import last_hour
from app.drops.models import Drop, DropChange
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words
from tests.staff.test_inert import RUN

T0 = NOW + timedelta(minutes=25)


@pytest.fixture
def soon(db: Database, shelf: Shelf) -> str:
    """The draft's address, published and about to open; it is the only drop of its run."""
    with transaction(db) as session:
        session.get_one(Drop, shelf.drop).closed_at = NOW - timedelta(days=1)
        drop = session.get_one(Drop, shelf.draft)
        drop.opens_at, drop.published_at = T0, NOW - timedelta(days=1)
    return f"/staff/drops/{shelf.draft}"


@pytest.fixture
def other(app: Flask, db: Database, shelf: Shelf) -> Seat:
    """Another manager of the label."""
    return sit_down(app, db, make_staff(db, "Kim", {shelf.label: Role.MANAGER}))


def form(shelf: Shelf, **changed: str) -> dict[str, object]:
    """The drop's form as it comes, at 20:25 in Berlin."""
    kept = {
        "title": "Drop 2",
        "words": "",
        "opens_at": "2026-11-27T20:25",
        "closes_at": "",
        "limit_per_fan": "",
        "hold_minutes": "10",
    }
    return {**kept, "network_holds": "300", "network_share": "20", "run": [str(shelf.run)], **changed}


def stored(db: Database, shelf: Shelf) -> tuple[str, int | None, int]:
    """The drop's title and limit, and its run's price."""
    with reading(db) as session:
        drop = session.get_one(Drop, shelf.draft)
        return drop.title, drop.limit_per_fan, session.get_one(Run, shelf.run).price


def deeds(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def test_words_are_saved_at_once_and_the_rest_waits(db: Database, soon: str, shelf: Shelf, manager: Seat, other: Seat) -> None:
    assert "opens within the hour" in words(manager.get(f"{soon}/edit"))
    assert manager.post(f"{soon}/edit", form(shelf, title="Drop Two")).headers["Location"] == soon
    refused = manager.post(f"{soon}/edit", form(shelf, title="Drop Three", limit_per_fan="3"))
    assert (refused.status_code, "Say why it must change now" in words(refused)) == (422, True)
    assert stored(db, shelf) == ("Drop Two", None, 2400)
    asked = manager.post(f"{soon}/edit", form(shelf, title="Drop Three", limit_per_fan="3", why="It said 30."))
    assert asked.headers["Location"] == "/staff/changes/1"
    assert stored(db, shelf) == ("Drop Three", None, 2400)
    assert "Somebody else has to say yes." in words(manager.get("/staff/changes/1"))
    assert manager.post("/staff/changes/1/confirm", {"why": "me"}).status_code == 422  # nobody's password
    page = words(other.get(soon))
    assert "A change waits for a second person." in page
    assert "Manager asked: “It said 30.”" in page
    assert other.post("/staff/changes/1/confirm").headers["Location"] == soon
    assert stored(db, shelf) == ("Drop Three", 3, 2400)
    assert deeds(db)[-2:] == ["drop.change_asked", "drop.change_confirmed"]
    assert "A change waits" not in words(other.get(soon))
    assert "It was changed." in words(manager.get("/staff/changes/1"))


def test_seconds_that_no_field_shows_are_no_change(db: Database, soon: str, shelf: Shelf, manager: Seat) -> None:
    with transaction(db) as session:
        session.get_one(Drop, shelf.draft).opens_at = T0 + timedelta(seconds=7)
    assert manager.post(f"{soon}/edit", form(shelf, title="Drop Two")).headers["Location"] == soon
    with reading(db) as session:
        assert session.get_one(Drop, shelf.draft).opens_at == T0 + timedelta(seconds=7)


def test_a_price_waits_too(db: Database, soon: str, shelf: Shelf, manager: Seat, other: Seat) -> None:
    run = f"/staff/runs/{shelf.run}"
    assert "opens within the hour" in words(manager.get(f"{run}/edit"))
    asked = manager.post(f"{run}/edit", {**RUN, "price": "26.00", "limit_per_fan": "2", "why": "The plant charges more."})
    assert asked.headers["Location"] == "/staff/changes/1"
    assert stored(db, shelf)[2] == 2400
    page = words(other.get("/staff/changes/1"))
    assert "€24.00" in page
    assert "€26.00" in page
    assert other.post("/staff/changes/1/take-back").status_code == 303
    assert stored(db, shelf)[2] == 2400
    assert deeds(db)[-1] == "drop.change_taken_back"
    again = manager.post(f"{run}/edit", {**RUN, "price": "26.00", "why": "It does."})
    assert other.post(f"{again.headers['Location']}/confirm").status_code == 303
    assert stored(db, shelf)[2] == 2600


def test_control_without_the_guard_one_person_is_enough(
    db: Database, soon: str, shelf: Shelf, manager: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_hour, "LENGTH", timedelta(0))
    manager.post(f"/staff/runs/{shelf.run}/edit", {**RUN, "price": "26.00", "why": "The plant charges more."})
    manager.post(f"{soon}/edit", form(shelf, limit_per_fan="3", why="It said 30."))
    assert stored(db, shelf)[1:] == (3, 2600)


def test_who_is_alone(
    app: Flask, db: Database, soon: str, shelf: Shelf, seat_of: Callable[[Role], Seat], clock: StoppedClock
) -> None:
    manager = seat_of(Role.MANAGER)
    with transaction(db) as session:
        session.get_one(Staff, manager.staff_id).password_hash = passwords.hashed("the manager's own password")
    manager.post(f"{soon}/edit", form(shelf, limit_per_fan="3", why="It said 30."))
    assert "Not before 20:10." in words(manager.get("/staff/changes/1"))
    sure = {"password": "the manager's own password", "why": "Olga is on a train"}
    assert manager.post("/staff/changes/1/confirm", sure).status_code == 409
    clock.forward(minutes=10)
    assert manager.post("/staff/changes/1/confirm", {**sure, "password": "a guess"}).status_code == 422
    assert manager.post("/staff/changes/1/confirm", {**sure, "why": ""}).status_code == 422
    assert stored(db, shelf)[1] is None
    assert manager.post("/staff/changes/1/confirm", sure).status_code == 303
    assert stored(db, shelf)[1] == 3


def test_when_the_drop_opens_it_has_lapsed(
    db: Database, soon: str, shelf: Shelf, manager: Seat, other: Seat, clock: StoppedClock
) -> None:
    manager.post(f"{soon}/edit", form(shelf, limit_per_fan="3", why="It said 30."))
    clock.set(T0)
    assert "It has lapsed." in words(other.get("/staff/changes/1"))
    assert other.post("/staff/changes/1/confirm").status_code == 409
    assert other.post("/staff/changes/1/take-back").status_code == 409
    assert stored(db, shelf)[1] is None
    assert manager.post(f"{soon}/pause", {"reason": "A moment."}).status_code == 303


def test_another_labels_change_does_not_exist(
    db: Database, soon: str, shelf: Shelf, manager: Seat, app: Flask, other_shelf: Shelf
) -> None:
    manager.post(f"{soon}/edit", form(shelf, limit_per_fan="3", why="It said 30."))
    stranger = sit_down(app, db, make_staff(db, "Eve", {other_shelf.label: Role.OWNER}))
    assert stranger.get("/staff/changes/1").status_code == 404
    for deed in ("confirm", "take-back"):
        assert stranger.post(f"/staff/changes/1/{deed}").status_code == 404
    with reading(db) as session:
        assert session.get_one(DropChange, 1).confirmed_by is None

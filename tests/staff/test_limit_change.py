"""The limit of refunds at the desk: who makes it higher waits for another owner, or, alone, ten minutes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import AuditEntry, Staff
from app.accounts.roles import Role
from app.catalogue import limit_changes
from app.catalogue.models import Label, LimitChange
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW, StoppedClock
from tests.staff.conftest import Shelf
from tests.staff.seat import Seat, make_staff, sit_down, words

FORM = {"name": "Tinsel Tapes", "tagline": "", "email": "desk@tinsel.example", "time_zone": "Europe/Berlin", "country": "DE"}
SURE = {"password": "the owner's own password", "why": "Olga is on a train"}


@pytest.fixture
def owner(db: Database, shelf: Shelf, seat_of: Callable[[Role], Seat]) -> Seat:
    """The owner of a label whose limit is 50.00."""
    seat = seat_of(Role.OWNER)
    with transaction(db) as session:
        session.get_one(Label, shelf.label).refund_limit = 5000
        session.get_one(Staff, seat.staff_id).password_hash = passwords.hashed(SURE["password"])
    return seat


@pytest.fixture
def other(app: Flask, db: Database, shelf: Shelf) -> Callable[[], Seat]:
    """Makes another owner."""
    return lambda: sit_down(app, db, make_staff(db, "Kim", {shelf.label: Role.OWNER}))


def _save(seat: Seat, shelf: Shelf, limit: str, **more: str) -> None:
    fields = {**FORM, "packaging_weight": "60", "currency": "EUR", "refund_limit": limit, **more}
    assert seat.post(f"/staff/labels/{shelf.label}", fields).status_code == 303


def _limit(db: Database, shelf: Shelf) -> int | None:
    with reading(db) as session:
        return session.get_one(Label, shelf.label).refund_limit


def _noted(db: Database) -> list[tuple[str, object, object]]:
    with reading(db) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.deed.startswith("label.")).order_by(AuditEntry.id))
        return [(each.deed, each.detail.get("refund_limit"), each.detail.get("reason")) for each in found]


def _say(seat: Seat, shelf: Shelf, deed: str, change: int = 1, **fields: str) -> int:
    return seat.post(f"/staff/labels/{shelf.label}/limit/{deed}", {"change": change, **fields}).status_code


@pytest.mark.parametrize(("typed", "wanted", "told"), [("80", 8000, 8000), ("", None, "none")])
def test_another_owner_says_yes(
    db: Database, shelf: Shelf, owner: Seat, other: Callable[[], Seat], typed: str, wanted: int | None, told: object
) -> None:
    kim = other()
    _save(owner, shelf, typed, name="Tinsel Two")
    assert _limit(db, shelf) == 5000
    with reading(db) as session:
        assert session.get_one(Label, shelf.label).name == "Tinsel Two"  # all else is kept at once
    assert "Another owner has to say yes." in words(owner.get(f"/staff/labels/{shelf.label}"))
    assert _say(owner, shelf, "confirm", **SURE) == 403
    assert _limit(db, shelf) == 5000
    assert "Let it count" in words(kim.get(f"/staff/labels/{shelf.label}"))
    assert _say(kim, shelf, "confirm") == 303
    assert _limit(db, shelf) == wanted
    assert _noted(db) == [("label.limit_asked", told, None), ("label.edited", None, None), ("label.limit_confirmed", told, None)]
    assert _say(kim, shelf, "confirm") == 409


def test_who_is_alone_waits_ten_minutes(db: Database, shelf: Shelf, owner: Seat, clock: StoppedClock) -> None:
    _save(owner, shelf, "80")
    assert "Not before 20:10." in words(owner.get(f"/staff/labels/{shelf.label}"))
    assert _say(owner, shelf, "confirm", **SURE) == 409
    clock.forward(minutes=10)
    assert _say(owner, shelf, "confirm", **{**SURE, "password": "a guess"}) == 422
    assert _say(owner, shelf, "confirm", **{**SURE, "why": ""}) == 422
    assert _limit(db, shelf) == 5000
    assert _say(owner, shelf, "confirm", **SURE) == 303
    assert _limit(db, shelf) == 8000
    assert _noted(db)[-1] == ("label.limit_confirmed", 8000, "Olga is on a train")


def test_nothing_waits_where_the_form_was_refused(db: Database, shelf: Shelf, owner: Seat) -> None:
    fields = {**FORM, "packaging_weight": "60", "currency": "EUR", "refund_limit": "80", "name": ""}
    assert owner.post(f"/staff/labels/{shelf.label}", fields).status_code == 422
    assert "Kept, save for" not in words(owner.get(f"/staff/labels/{shelf.label}"))


def test_control_without_the_guard_one_person_is_enough(
    db: Database, shelf: Shelf, owner: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limit_changes, "is_higher", lambda before, wanted: False)
    _save(owner, shelf, "")
    assert _limit(db, shelf) is None


@pytest.mark.parametrize(("typed", "after"), [("50", 5000), ("20", 2000), ("0", 0)])
def test_a_lower_one_counts_at_once(db: Database, shelf: Shelf, owner: Seat, typed: str, after: int) -> None:
    _save(owner, shelf, typed)
    assert _limit(db, shelf) == after
    with reading(db) as session:
        assert session.scalar(select(LimitChange)) is None


def test_it_is_taken_back(db: Database, shelf: Shelf, owner: Seat, other: Callable[[], Seat]) -> None:
    _save(owner, shelf, "80")
    _save(owner, shelf, "50", name="All else can be saved meanwhile")
    again = owner.post(f"/staff/labels/{shelf.label}", {**FORM, "packaging_weight": "60", "currency": "EUR", "refund_limit": "90"})
    assert (again.status_code, "Another limit waits" in words(again)) == (409, True)
    assert _say(other(), shelf, "take-back") == 303
    assert _limit(db, shelf) == 5000
    assert "A limit waits" not in words(owner.get(f"/staff/labels/{shelf.label}"))
    _save(owner, shelf, "90")
    assert _say(owner, shelf, "take-back", change=1) == 409  # it has been decided about that one
    assert _say(owner, shelf, "take-back", change=2) == 303


def test_one_that_was_lowered_meanwhile_is_asked_for_anew(
    db: Database, shelf: Shelf, owner: Seat, other: Callable[[], Seat]
) -> None:
    _save(owner, shelf, "80")
    _save(owner, shelf, "20")
    assert _say(other(), shelf, "confirm") == 409
    assert _limit(db, shelf) == 2000


def test_nobody_else_may(db: Database, app: Flask, shelf: Shelf, other_shelf: Shelf, owner: Seat) -> None:
    _save(owner, shelf, "80")
    manager = sit_down(app, db, make_staff(db, "Mo", {shelf.label: Role.MANAGER}))
    stranger = sit_down(app, db, make_staff(db, "Eve", {other_shelf.label: Role.OWNER}))
    for deed in ("confirm", "take-back"):
        assert (_say(manager, shelf, deed), _say(stranger, shelf, deed)) == (403, 404)
    assert _limit(db, shelf) == 5000


def test_who_said_who_they_are_long_ago_says_it_again(
    db: Database, shelf: Shelf, owner: Seat, other: Callable[[], Seat], clock: StoppedClock
) -> None:
    kim = other()
    _save(owner, shelf, "80")
    clock.set(NOW + timedelta(minutes=16))
    assert _say(kim, shelf, "confirm") == 303  # to where they say it
    assert _limit(db, shelf) == 5000

"""Signing in and out, and changing one's own password."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import AuditEntry, Staff, StaffSession
from app.kernel import throttle
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW
from tests.staff.conftest import Shelf
from tests.staff.door import PASSWORD, door, enrolled, make_sam, shown
from tests.staff.seat import Seat, sit_down, words


@pytest.fixture
def sam(db: Database, shelf: Shelf) -> int:
    """Somebody with a password they know."""
    return make_sam(db, shelf.label)


def test_the_right_password_begins_a_session_under_a_new_id(app: Flask, db: Database, sam: int) -> None:
    seat = door(app)
    with seat.client.session_transaction() as before:
        before["planted"] = "by somebody"
    answer = seat.post("/staff/sign-in", {"email": " SAM@tinsel.example ", "password": PASSWORD, "next": "/staff/drops?x=1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/factor?next=/staff/drops?x%3D1")
    with seat.client.session_transaction() as after:
        assert "planted" not in after
        assert len(after["_user_id"]) > 40
    assert seat.get("/staff/sign-in").status_code == 303
    proven = seat.get("/staff/factor", follow_redirects=True).get_data(as_text=True)
    csrf = proven.split('name="csrf_token" value="')[1].split('"')[0]
    code = {"code": shown(db, sam), "next": "/staff/drops?x=1", "csrf_token": csrf}
    assert 'href="/staff/drops?x=1"' in seat.client.post("/staff/factor/enrol", data=code).get_data(as_text=True)
    assert seat.get("/staff/drops").status_code == 200


@pytest.mark.parametrize(("email", "password"), [("sam@tinsel.example", "wrong"), ("nobody@tinsel.example", PASSWORD), ("", "")])
def test_the_wrong_one_is_told_and_noted(app: Flask, db: Database, sam: int, email: str, password: str) -> None:
    answer = door(app).post("/staff/sign-in", {"email": email, "password": password})
    assert answer.status_code == 422
    assert "do not belong together" in words(answer)
    assert PASSWORD not in answer.get_data(as_text=True)
    with reading(db) as session:
        assert session.scalars(select(AuditEntry.deed)).all() == ["signin.refused"]
        assert session.scalars(select(StaffSession)).all() == []


@pytest.mark.parametrize(
    "next_",
    ["//evil.example", "https:evil.example", "/\\evil.example", "/%09/evil.example",
     "https://shop@evil.example", "javascript:alert(1)", "/staff\\@evil.example",
     "/drops/x", "/staff\t/x", "http://[::1", "/staff/\nSet-Cookie: x=1"],
)  # fmt: skip
def test_the_way_on_stays_at_the_desk(app: Flask, sam: int, next_: str) -> None:
    answer = door(app).post("/staff/sign-in", {"email": "sam@tinsel.example", "password": PASSWORD, "next": next_})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/factor")
    assert next_ not in app.test_client().get("/staff/sign-in", query_string={"next": next_}).get_data(as_text=True)


def test_too_many_tries_wait(app: Flask, db: Database, sam: int) -> None:
    seat = door(app)
    codes = [seat.post("/staff/sign-in", {"email": "nobody@tinsel.example", "password": "x"}).status_code for _ in range(9)]
    last = seat.post("/staff/sign-in", {"email": "nobody@tinsel.example", "password": "x"})
    assert (codes, last.status_code) == ([422] * 8 + [429], 429)
    assert int(last.headers["Retry-After"]) > 60
    assert seat.post("/staff/sign-in", {"email": "sam@tinsel.example", "password": PASSWORD}).status_code == 303


def test_strangers_who_try_keep_nobody_out_from_where_they_signed_in_before(app: Flask, db: Database, sam: int) -> None:
    right = {"email": "sam@tinsel.example", "password": PASSWORD}
    enrolled(app, db, sam)
    with transaction(db) as session:
        for _ in range(300):
            throttle.hit(session, "signin.all", most=300, per=timedelta(minutes=15), now=NOW)
    assert door(app).post("/staff/sign-in", {**right, "email": "nobody@tinsel.example"}).status_code == 429
    assert door(app).post("/staff/sign-in", right).status_code == 303
    for _ in range(8):
        wrong = door(app).post("/staff/sign-in", {**right, "password": "a guess"})
    assert wrong.status_code == 429  # an account's own tries still count


def test_signing_out_ends_the_session_on_the_server(app: Flask, db: Database, owner: Seat) -> None:
    with owner.client.session_transaction() as kept:
        stolen = dict(kept)
    assert owner.post("/staff/sign-out").status_code == 303
    with reading(db) as session:
        assert session.scalars(select(AuditEntry.deed)).all() == ["signin.ended"]
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief.get("/staff/").status_code == 303


def test_a_new_password_ends_every_other_session(app: Flask, db: Database, sam: int) -> None:
    here, there = sit_down(app, db, sam), sit_down(app, db, sam)
    new = "eight tapes in a drawer"
    answer = here.post("/staff/password", {"old": PASSWORD, "new": new, "again": new})
    assert (answer.status_code, here.get("/staff/password").status_code, there.get("/staff/").status_code) == (303, 200, 303)
    with reading(db) as session:
        stored = session.get_one(Staff, sam).password_hash
    assert (passwords.right(new, stored), passwords.right(PASSWORD, stored)) == (True, False)


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", "eight tapes in a drawer", "eight tapes in a drawer", "That is not your password"),
        (PASSWORD, "eight tapes in a drawer", "nine tapes in a drawer", "The two are not the same"),
        (PASSWORD, "short", "short", "At least 12 characters"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    app: Flask, db: Database, sam: int, old: str, new: str, again: str, sentence: str
) -> None:
    seat = sit_down(app, db, sam)
    answer = seat.post("/staff/password", {"old": old, "new": new, "again": again})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    with reading(db) as session:
        assert passwords.right(PASSWORD, session.get_one(Staff, sam).password_hash)

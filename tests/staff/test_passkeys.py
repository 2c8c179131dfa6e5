"""Passkeys over HTTP: made, used, refused when they answer anything but what was asked here and now, and taken away."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import passkeys
from app.accounts.models import AuditEntry, StaffPasskey
from app.kernel.db import Database, reading
from tests.cast import StoppedClock
from tests.site import make_app
from tests.staff.authenticator import Authenticator
from tests.staff.conftest import Shelf
from tests.staff.door import codes_of, half, make_sam, seat_of, shown
from tests.staff.seat import Seat, words


@pytest.fixture
def app(db: Database, clock: StoppedClock) -> Flask:
    """The shop at an address that is a name."""
    return make_app(db, clock, base_url="http://localhost")


@pytest.fixture
def sam(db: Database, shelf: Shelf) -> int:
    """Somebody without a second factor."""
    return make_sam(db, shelf.label)


def ask(seat: Seat, path: str) -> dict[str, Any]:
    """What the desk wants of the device."""
    answer = seat.post(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return dict(answer.json)


def enrolled(app: Flask, device: Authenticator) -> tuple[Seat, list[str]]:
    """Sam, signed in with a new passkey."""
    seat = half(app)
    made = device.make(ask(seat, "/staff/factor/enrol/passkey/ask"))
    answer = seat.post("/staff/factor/enrol/passkey", {"answer": made, "name": "Phone"})
    return seat_of(seat, answer), codes_of(answer)


def _deeds(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def test_a_passkey_is_made_and_opens_the_desk(app: Flask, db: Database, sam: int) -> None:
    device = Authenticator()
    seat, codes = enrolled(app, device)
    assert (seat.get("/staff/").status_code, len(codes)) == (200, 10)
    assert _deeds(db) == ["factor.passkey_added", "signin.begun"]
    again = half(app)
    signed = device.sign(ask(again, "/staff/factor/passkey/ask"))
    assert again.post("/staff/factor/passkey", {"answer": signed}).status_code == 303
    assert again.get("/staff/").status_code == 200
    with reading(db) as session:
        key = session.scalars(select(StaffPasskey)).one()
        assert (key.name, key.uses, key.used_at is not None) == ("Phone", 1, True)


def test_an_answer_counts_once_and_for_its_question(app: Flask, db: Database, sam: int) -> None:
    device = Authenticator()
    enrolled(app, device)
    seat, other = half(app), half(app)
    signed = device.sign(ask(seat, "/staff/factor/passkey/ask"))
    ask(other, "/staff/factor/passkey/ask")
    assert other.post("/staff/factor/passkey", {"answer": signed}).status_code == 422  # asked of another browser
    assert other.post("/staff/factor/passkey", {"answer": signed}).status_code == 422  # and its own question is used up
    ask(seat, "/staff/factor/passkey/ask")
    assert seat.post("/staff/factor/passkey", {"answer": signed}).status_code == 422  # an older question
    assert _deeds(db).count("factor.refused") == 2
    assert seat.get("/staff/").status_code == 303


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": 1}', "x" * 5000, '{"id": "AAAA", "response": {}}'])
def test_what_is_no_answer(app: Flask, db: Database, sam: int, answer: str) -> None:
    enrolled(app, Authenticator())
    seat = half(app)
    ask(seat, "/staff/factor/passkey/ask")
    assert seat.post("/staff/factor/passkey", {"answer": answer}).status_code == 422
    assert seat.get("/staff/").status_code == 303


def test_a_false_page_and_a_strange_device_open_nothing(app: Flask, db: Database, sam: int) -> None:
    device = Authenticator()
    enrolled(app, device)
    for false in (Authenticator(), device):
        false.origin = "http://localhost.evil.example" if false is device else "http://localhost"
        seat = half(app)
        signed = false.sign(ask(seat, "/staff/factor/passkey/ask"))
        assert seat.post("/staff/factor/passkey", {"answer": signed}).status_code == 422
        assert seat.get("/staff/").status_code == 303
    phished = half(app)
    made = Authenticator("https://evil.example").make({"rp": {"id": "localhost"}, "challenge": "AAAA"})
    assert phished.post("/staff/factor/enrol/passkey", {"answer": made}).status_code == 303  # to the factor that is there
    with reading(db) as session:
        assert len(session.scalars(select(StaffPasskey)).all()) == 1


def test_a_key_made_for_another_page_is_not_kept(app: Flask, db: Database, sam: int) -> None:
    seat = half(app)
    made = Authenticator("https://evil.example").make(ask(seat, "/staff/factor/enrol/passkey/ask"))
    answer = seat.post("/staff/factor/enrol/passkey", {"answer": made})
    assert (answer.status_code, "could not be registered" in words(answer)) == (422, True)
    assert seat.get("/staff/").status_code == 303


def test_the_last_factor_stays_and_the_others_go(app: Flask, db: Database, sam: int) -> None:
    device = Authenticator()
    seat, _codes = enrolled(app, device)
    refused = seat.post("/staff/me/passkeys/1/remove")
    assert (refused.status_code, "only second factor" in words(refused)) == (409, True)
    assert seat.post("/staff/factor/enrol", {"code": shown(db, sam)}).status_code == 303
    assert seat.post("/staff/me/passkeys/1/remove").status_code == 303
    assert seat.post("/staff/me/passkeys/1/remove").status_code == 404
    assert _deeds(db)[-2:] == ["factor.app_added", "factor.passkey_removed"]
    again = half(app)
    assert "Use your passkey" not in words(again.get("/staff/factor"))


def test_being_asked_again_is_answered_by_passkey_too(app: Flask, db: Database, sam: int, clock: StoppedClock) -> None:
    device = Authenticator()
    seat, _codes = enrolled(app, device)
    clock.forward(minutes=16)
    assert seat.get("/staff/people/new").status_code == 303
    signed = device.sign(ask(seat, "/staff/again/passkey/ask"))
    assert seat.post("/staff/again", {"answer": signed}).status_code == 303
    assert seat.get("/staff/people/new").status_code == 200


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://shop.example", None),
        ("http://localhost:5000", None),
        ("http://127.0.0.1:5000", "a bare number"),
        ("https://192.0.2.1", "a bare number"),
        ("https://[2001:db8::1]", "a bare number"),
        ("http://shop.lan", "begin with https"),
    ],
)
def test_where_passkeys_can_be_had(address: str, why: str | None) -> None:
    said = passkeys.why_not(address)
    assert (said is None) if why is None else (said is not None and why in said)


def test_where_they_cannot_it_is_said_and_none_is_asked_for(db: Database, shelf: Shelf, clock: StoppedClock, sam: int) -> None:
    seat = half(make_app(db, clock, base_url="http://127.0.0.1:5000"))
    assert "a bare number" in words(seat.get("/staff/factor/enrol"))
    assert seat.post("/staff/factor/enrol/passkey/ask").status_code == 409


def test_a_key_that_is_there_is_not_kept_twice(app: Flask, db: Database, sam: int) -> None:
    device = Authenticator()
    seat, _codes = enrolled(app, device)
    again = seat.post("/staff/factor/enrol/passkey", {"answer": device.make(ask(seat, "/staff/factor/enrol/passkey/ask"))})
    assert (again.status_code, "is registered already" in words(again)) == (422, True)
    with reading(db) as session:
        assert len(session.scalars(select(StaffPasskey)).all()) == 1

"""The desk's door as somebody without a session meets it: the sign-in form, and the second factor."""

import re
from datetime import datetime

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts import passwords, totp
from app.accounts.models import Staff, StaffRole, StaffSession
from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW, TOKENS
from tests.staff.seat import Seat

EMAIL, PASSWORD = "sam@tinsel.example", "seven tapes in a drawer"
_CODE = re.compile(r'<code class="secret">([^<]+)</code>')


def make_sam(db: Database, label_id: int) -> int:
    """Somebody with a password they know, and no second factor yet; their id."""
    with transaction(db) as session:
        row = Staff(email=EMAIL, name="Sam", password_hash=passwords.hashed(PASSWORD), created_at=NOW)
        row.roles = [StaffRole(label_id=label_id, role=Role.OWNER)]
        session.add(row)
        session.flush()
        return row.id


def door(app: Flask, network: str = "192.0.2.7") -> Seat:
    """A browser that has the sign-in form before it."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = network
    page = client.get("/staff/sign-in").get_data(as_text=True)
    return Seat(client, page.split('name="csrf_token" value="')[1].split('"')[0], 0)


def half(app: Flask, next_: str = "", network: str = "192.0.2.7") -> Seat:
    """Sam's browser once the password is right."""
    seat = door(app, network)
    answer = seat.post("/staff/sign-in", {"email": EMAIL, "password": PASSWORD, "next": next_})
    assert answer.status_code == 303
    page = seat.get("/staff/factor", follow_redirects=True).get_data(as_text=True)
    return Seat(seat.client, page.split('name="csrf_token" value="')[1].split('"')[0], 0)


def shown(db: Database, staff_id: int, now: datetime = NOW) -> str:
    """What the person's authenticator app shows, or would show."""
    with reading(db) as session:
        return totp.shown(session, TOKENS, staff_id, now)


def following(db: Database, staff_id: int) -> str:
    """The secret that the person's last session is offered."""
    with reading(db) as session:
        last = session.scalar(select(func.max(StaffSession.id)).where(StaffSession.staff_id == staff_id))
        return totp.following(TOKENS, session.get_one(Staff, staff_id), last or 0)


def enrolled(app: Flask, db: Database, staff_id: int, network: str = "192.0.2.7") -> tuple[Seat, list[str]]:
    """Sam signed in with a new authenticator app; the recovery codes."""
    seat = half(app, network=network)
    answer = seat.post("/staff/factor/enrol", {"code": shown(db, staff_id)})
    return seat_of(seat, answer), codes_of(answer)


def seat_of(seat: Seat, answer: TestResponse) -> Seat:
    """The same browser with the token of its new session's pages."""
    assert answer.status_code in {200, 303}
    page = seat.get("/staff/me").get_data(as_text=True)
    return Seat(seat.client, page.split('name="csrf_token" value="')[1].split('"')[0], 0)


def codes_of(answer: TestResponse) -> list[str]:
    """The recovery codes on a page."""
    return _CODE.findall(answer.get_data(as_text=True))

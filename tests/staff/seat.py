"""Somebody at the desk: an account with roles, signed in without the slow password, and a browser that sends form tokens."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.accounts import signin
from app.accounts.models import Staff, StaffRole
from app.accounts.roles import Role
from app.kernel.db import Database, transaction
from tests.cast import NOW

NO_PASSWORD = "$argon2id$none"
_RAW = "a form token that only tests know"


def make_staff(db: Database, name: str, roles: dict[int, Role]) -> int:
    """An account that nobody can sign in to by password; its id."""
    with transaction(db) as session:
        email = f"{name.lower()}@tinsel.example"
        row = Staff(email=email, name=name, password_hash=NO_PASSWORD, created_at=NOW)
        row.roles = [StaffRole(label_id=label_id, role=role) for label_id, role in roles.items()]
        session.add(row)
        session.flush()
        return row.id


@dataclass
class Seat:
    """A signed-in browser; `post` adds the form's token."""

    client: FlaskClient
    token: str
    staff_id: int

    def get(self, path: str, **more: Any) -> TestResponse:
        """Look at a page, to its end as a browser does."""
        return self.client.get(path, buffered=True, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **more)


def sit_down(app: Flask, db: Database, staff_id: int, now: datetime = NOW) -> Seat:
    """Sign an account in, second factor and all."""
    with transaction(db) as session:
        token = signin.begin(session, staff_id, now, proven=True)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"], cookie["csrf_token"] = token, True, _RAW
    signed = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(_RAW)
    return Seat(client, str(signed), staff_id)


def words(answer: TestResponse) -> str:
    """The text of a page without its tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())

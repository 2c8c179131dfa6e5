"""A person at the desk: signed in by their session's row, sending forms as the pages do."""

import re
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import signin
from app.accounts.models import AuditEntry, Staff, StaffRole
from app.accounts.roles import Role
from app.kernel.db import Database, reading, transaction
from tests.cast import NOW

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desk:
    """A signed-in browser; `post` carries the form's token unless told otherwise."""

    def __init__(self, app: Flask, staff_id: int, session_token: str) -> None:
        self.staff_id = staff_id
        self.client: FlaskClient = app.test_client()
        with self.client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = session_token, True
        self._token = ""

    def get(self, path: str, **query: Any) -> TestResponse:
        """A page, read to its end."""
        return self.client.get(path, query_string=query or None, buffered=True)

    def post(self, path: str, *, token: str | None = None, **fields: Any) -> TestResponse:
        """A form, with the token of this browser's pages."""
        if token is None and not self._token:
            found = TOKEN.search(self.get("/staff/orders").text)
            assert found is not None
            self._token = found[1]
        return self.client.post(path, data={"csrf_token": self._token if token is None else token, **fields})


def sit_down(app: Flask, db: Database, label_id: int | None, role: Role = Role.MANAGER, now: datetime = NOW) -> Desk:
    """Somebody new with a role at a label, signed in; without a label they have no role at all."""
    with transaction(db) as session:
        count = len(session.scalars(select(Staff.id)).all())
        person = Staff(email=f"staff{count}@tinsel.example", name=f"Sam {count}", password_hash="never asked", created_at=now)
        session.add(person)
        session.flush()
        if label_id is not None:
            session.add(StaffRole(staff_id=person.id, label_id=label_id, role=role))
        token = signin.begin(session, person.id, now, proven=True)
        return Desk(app, person.id, token)


def deeds(db: Database, deed: str) -> list[AuditEntry]:
    """What the audit log holds of one kind of deed, oldest first."""
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.deed == deed).order_by(AuditEntry.id)))

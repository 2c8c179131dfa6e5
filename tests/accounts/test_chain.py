"""The audit log's chain: what was written cannot be changed unseen, and who writes waits for nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts import audit, chain
from app.accounts.models import AuditEntry, AuditSeal
from app.kernel.db import Database, reading, transaction
from app.worker.schedule import SCHEDULE
from tests.cast import NOW, StoppedClock
from tests.site import make_app


@pytest.fixture
def app(db: Database, clock: StoppedClock) -> Flask:
    """The application, for its commands."""
    return make_app(db, clock)


def write(db: Database, count: int, first: int = 1) -> None:
    with transaction(db) as session:
        for n in range(first, first + count):
            audit.note(session, "drop.paused", "drop", n, now=NOW, staff_id=None, reason=f"rain № {n}, “heavy”", held=n > 1)


def sealed(db: Database) -> int:
    with transaction(db) as session:
        return chain.seal(session)


def audited(app: Flask) -> Result:
    """What `flask audit` says."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=["audit"])


def verdict(db: Database) -> chain.Verdict:
    with reading(db) as session:
        return chain.check(session, NOW)


@contextmanager
def behind_the_triggers(db: Database) -> Iterator[Connection]:
    """What somebody could do who owns the whole database."""
    with db.engine.begin() as connection:
        if db.is_sqlite:
            kept = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _sql in kept:
                connection.execute(text(f"DROP TRIGGER {name}"))
            yield connection
            for _name, sql in kept:
                connection.execute(text(sql))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection


def test_rows_are_sealed_in_their_sequence_and_once(db: Database) -> None:
    write(db, 3)
    assert (sealed(db), sealed(db)) == (3, 0)
    write(db, 2, first=4)
    assert sealed(db) == 2
    with reading(db) as session:
        links = session.scalars(select(AuditSeal).order_by(AuditSeal.position)).all()
    assert [(link.position, link.former) for link in links] == [
        (n, before) for n, before in enumerate([chain.BEGINNING, *(link.hash for link in links[:-1])], 1)
    ]
    found = verdict(db)
    assert (found.sealed, found.head, found.overdue, found.broken) == (5, links[-1].hash, 0, "")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE audit_log SET deed = 'drop.resumed' WHERE entity_id = 2", "drop.resumed"),
        ("UPDATE audit_log SET staff_id = NULL, at = '2026-11-20 19:00:00' WHERE entity_id = 2", "drop.paused, 2026-11-20"),
        ("UPDATE audit_log SET entity_id = 3 WHERE entity_id = 2", "drop.paused"),
        ("UPDATE audit_seals SET former = hash WHERE position = 2", "drop.paused"),
        ("UPDATE audit_seals SET position = 9 WHERE position = 2", "link 2 is missing"),
        ("DELETE FROM audit_seals WHERE position = 2", "link 2 is missing"),
    ],
)
def test_the_first_broken_row_is_named(app: Flask, db: Database, change: str, named: str) -> None:
    write(db, 4)
    sealed(db)
    with behind_the_triggers(db) as connection:
        connection.execute(text(change))
    found = verdict(db)
    assert named in found.broken
    assert found.sealed == 1
    said = audited(app)
    assert (said.exit_code, f"The audit log is broken: {found.broken}." in said.output) == (1, True)


def test_a_row_that_is_gone_is_missed(db: Database) -> None:
    write(db, 3)
    sealed(db)
    with behind_the_triggers(db) as connection:
        if db.is_sqlite:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            return  # SQLite's foreign key holds the row itself, even without the triggers
        connection.execute(text("DELETE FROM audit_log WHERE entity_id = 2"))
    assert "is missing" in verdict(db).broken


@pytest.mark.parametrize(
    "deed", ["UPDATE audit_seals SET former = 'x'", "DELETE FROM audit_seals", "UPDATE audit_log SET deed = 'x'"]
)
def test_no_statement_changes_a_sealed_row(db: Database, deed: str) -> None:
    write(db, 2)
    sealed(db)
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(deed))
    assert verdict(db).broken == ""


def test_a_row_committed_late_is_sealed_after_those_that_came_before_it(db: Database) -> None:
    write(db, 2)
    with transaction(db) as session:
        session.add(AuditEntry(id=50, at=NOW, deed="late.first", entity="drop", detail={}))
    assert sealed(db) == 3
    with transaction(db) as session:
        session.add(AuditEntry(id=40, at=NOW, deed="late.second", entity="drop", detail={}))
    assert sealed(db) == 1
    with reading(db) as session:
        assert list(session.scalars(select(AuditSeal.audit_id).order_by(AuditSeal.position)))[-2:] == [50, 40]
    assert verdict(db).broken == ""


def test_who_writes_does_not_wait_for_who_seals(postgres_db: Database) -> None:
    write(postgres_db, 2)
    with transaction(postgres_db) as session:
        assert chain.seal(session) == 2
        write(postgres_db, 1, first=3)  # would time out if it waited
        assert sealed(postgres_db) == 0  # and nobody else seals meanwhile
    assert sealed(postgres_db) == 1
    assert verdict(postgres_db).broken == ""


def test_rows_that_wait_too_long_are_told(app: Flask, db: Database, clock: StoppedClock) -> None:
    write(db, 2)
    assert "The audit log is whole: 0 rows" in audited(app).output
    clock.forward(hours=2)
    said = audited(app)
    assert (said.exit_code, "2 rows are older than an hour" in said.output) == (1, True)


def test_a_worker_seals_within_seconds(app: Flask, db: Database) -> None:
    write(db, 2)
    [(every, deed)] = [(every, do) for every, what, do in SCHEDULE if what == "seal what is new in the audit log"]
    deed(app.extensions["runout"], NOW)
    assert (every, verdict(db).sealed) == (timedelta(seconds=10), 2)

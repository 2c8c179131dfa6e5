"""Transactions: all or nothing; a busy or absent database is a polite refusal; instants come back as they went in."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from app.kernel import db as kernel_db
from app.kernel import heartbeat
from app.kernel.db import Database, check_isolation, connect, migrating, reading, transaction
from app.kernel.errors import Unavailable
from app.kernel.heartbeat import Heartbeat
from tests.cast import NOW


def _names(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(Heartbeat.name).order_by(Heartbeat.name)))


def test_a_transaction_is_kept_whole(db: Database) -> None:
    with transaction(db) as session:
        session.add_all([Heartbeat(name="a", at=NOW), Heartbeat(name="b", at=NOW)])
    assert _names(db) == ["a", "b"]


def test_or_not_at_all(db: Database) -> None:
    with pytest.raises(IntegrityError), transaction(db) as session:
        session.add(Heartbeat(name="a", at=NOW))
        _break_a_rule(session)
    assert _names(db) == []


def test_reading_writes_nothing_and_what_was_read_stays(db: Database) -> None:
    with transaction(db) as session:
        session.add(Heartbeat(name="a", at=NOW))
    with reading(db) as session:
        row = session.get_one(Heartbeat, "a")
        session.add(Heartbeat(name="b", at=NOW))
        session.flush()
    assert row.at == NOW
    assert _names(db) == ["a"]


def test_a_broken_rule_is_no_busy_database(db: Database) -> None:
    with pytest.raises(IntegrityError), transaction(db) as session:
        _break_a_rule(session)


def _break_a_rule(session: Session) -> None:
    session.flush()
    session.execute(text("INSERT INTO drop_runs (drop_id, run_id, position) VALUES (77, 77, 1)"))


def test_instants_come_back_in_utc_and_naive_ones_are_refused(db: Database) -> None:
    berlin = datetime(2026, 11, 27, 20, 0, 0, 123000, tzinfo=timezone(timedelta(hours=1)))
    with transaction(db) as session:
        session.add(Heartbeat(name="a", at=berlin))
    with reading(db) as session:
        back = session.get_one(Heartbeat, "a").at
    assert back == berlin
    assert back.tzinfo is UTC
    with pytest.raises(StatementError, match="no time zone"), transaction(db) as session:
        session.add(Heartbeat(name="b", at=datetime(2026, 11, 27)))  # noqa: DTZ001 - that is the point


def test_heartbeats_have_an_age(db: Database) -> None:
    with transaction(db) as session:
        heartbeat.beat(session, "worker", NOW)
        heartbeat.beat(session, "worker", NOW + timedelta(seconds=5))
    with reading(db) as session:
        assert heartbeat.age(session, "worker", NOW + timedelta(seconds=7)) == 2
        assert heartbeat.age(session, "nobody", NOW) is None


def test_a_lock_that_does_not_come_is_unavailable(postgres_db: Database) -> None:
    with postgres_db.engine.begin() as other:
        other.execute(text("LOCK TABLE heartbeats"))
        with pytest.raises(Unavailable) as refusal:
            _write_impatiently(postgres_db)
    assert (refusal.value.status, refusal.value.retry_after) == (503, 2)


def test_who_changes_tables_takes_their_time_and_lets_nobody_wait_for_long(postgres_db: Database) -> None:
    with migrating(postgres_db) as connection:
        limits = [connection.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")]
    with reading(postgres_db) as session:
        usual = [session.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")]
    assert (limits, usual) == (["0", "2s"], ["10s", "3s"])


def test_tables_that_somebody_works_with_are_not_changed(postgres_db: Database) -> None:
    with transaction(postgres_db) as session:
        session.execute(select(Heartbeat))
        with pytest.raises(Unavailable), migrating(postgres_db) as connection:
            connection.execute(text("ALTER TABLE heartbeats ADD COLUMN more integer"))


def test_a_connection_cut_off_is_unavailable(postgres_db: Database) -> None:
    with pytest.raises(Unavailable):
        _write_cut_off(postgres_db)
    assert _names(postgres_db) == []


def test_a_writer_that_does_not_end_is_unavailable(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    other = connect(str(sqlite_db.engine.url))  # as the worker process would
    with transaction(other) as held:
        held.execute(text("PRAGMA user_version"))
        with pytest.raises(Unavailable):
            _write_impatiently(sqlite_db)
    with transaction(sqlite_db) as session:
        session.add(Heartbeat(name="b", at=NOW))
    other.engine.dispose()
    assert _names(sqlite_db) == ["b"]


def test_who_would_wait_behind_a_stuck_writer_is_told_at_once(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_db._turns.line, "_patience", 0.05)
    said: list[object] = []

    def write() -> None:
        try:
            _write_impatiently(sqlite_db)
        except Unavailable as refusal:
            said.append(refusal.retry_after)

    with transaction(sqlite_db):
        waiting = threading.Thread(target=write)
        waiting.start()
        waiting.join(10)
        assert said == [2]
        assert _names(sqlite_db) == []  # reading goes on meanwhile


def test_a_file_that_may_not_be_written_to_is_unavailable(sqlite_db: Database) -> None:
    locked = connect(f"sqlite:///file:{sqlite_db.engine.url.database}?mode=ro&uri=true")
    with pytest.raises(Unavailable), transaction(locked) as session:
        session.add(Heartbeat(name="a", at=NOW))
    locked.engine.dispose()
    assert _names(sqlite_db) == []


def _write_impatiently(db: Database) -> None:
    if db.is_sqlite:
        with db.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA busy_timeout = 20")
    with transaction(db) as session:
        if not db.is_sqlite:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        session.add(Heartbeat(name="a", at=NOW))


def _write_cut_off(db: Database) -> None:
    with transaction(db) as session:
        own = session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        session.add(Heartbeat(name="a", at=NOW))


def test_a_full_pool_is_unavailable(tmp_path: Path) -> None:
    small = connect(f"sqlite:///{tmp_path / 'x.db'}", pool_size=1)
    small.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    with small.engine.connect(), small.engine.connect(), pytest.raises(Unavailable), reading(small) as session:
        session.execute(text("SELECT 1"))
    small.engine.dispose()


def test_sqlite_is_set_up_for_keeps(sqlite_db: Database) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "cache_size")
    with reading(sqlite_db) as session:
        found = [session.scalar(text(f"PRAGMA {name}")) for name in names]
    assert found == ["wal" if kernel_db._WAL_SAFE else "delete", 2, 1, 5000, -512]
    assert bool(sqlite_db.warnings()) is not kernel_db._WAL_SAFE


def test_postgres_reads_what_is_committed(postgres_db: Database) -> None:
    check_isolation(postgres_db)
    strict = Database(
        postgres_db.engine.execution_options(isolation_level="SERIALIZABLE"),
        kernel_db.sessionmaker(postgres_db.engine.execution_options(isolation_level="SERIALIZABLE")),
        threading.Lock(),
    )
    with pytest.raises(RuntimeError, match="needs read committed"):
        check_isolation(strict)


def test_other_databases_are_refused() -> None:
    with pytest.raises(RuntimeError, match="names mysql; Runout knows sqlite and postgresql"):
        connect("mysql://localhost/shop")


def test_a_database_sees_how_its_tables_have_grown(sqlite_db: Database, postgres_db: Database) -> None:
    with transaction(sqlite_db) as session:
        session.add_all(Heartbeat(name=str(n), at=NOW) for n in range(5))
    for db in (sqlite_db, postgres_db):
        kernel_db.gather_statistics(db)
    with reading(sqlite_db) as session:
        assert session.scalar(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'heartbeats'")) == "5 1"


def test_an_instant_read_as_text_is_in_utc_wherever_the_server_stands(postgres_db: Database) -> None:
    name = postgres_db.engine.url.database
    with postgres_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.execute(text(f"ALTER DATABASE {name} SET timezone TO 'America/New_York'"))
    fresh = connect(postgres_db.engine.url.render_as_string(hide_password=False), pool_size=1)
    try:
        with reading(fresh) as session:
            words = session.scalar(text("SELECT CAST(CAST('2026-11-27 19:05+00' AS timestamptz) AS text)"))
        assert words == "2026-11-27 19:05:00+00"
    finally:
        fresh.engine.dispose()
        with postgres_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
            there.execute(text(f"ALTER DATABASE {name} RESET timezone"))

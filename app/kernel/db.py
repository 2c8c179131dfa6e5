"""The database: engines for SQLite and PostgreSQL, and the one place where transactions begin and end."""

import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.errors import Unavailable
from app.kernel.fairness import Stuck
from app.kernel.neighbours import Door
from app.kernel.ready import CONNECTION
from app.kernel.turns import Freely, Turns

try:
    import pysqlite3.dbapi2 as sqlite
except ImportError:  # no wheel for this platform: the system's own
    import sqlite3 as sqlite

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL when it is reset; backports are 3.44.6 and 3.50.7.
_WAL_SAFE = sqlite.sqlite_version_info >= (3, 51, 3) or (
    sqlite.sqlite_version_info[:2] in {(3, 44), (3, 50)}
    and (sqlite.sqlite_version_info[2] >= {44: 6, 50: 7}[sqlite.sqlite_version_info[1]])
)
_SAMPLE = 400  # rows of each index that SQLite's documentation recommends to look at
_PAGES = "cache_size=-512"  # KB that each connection to SQLite keeps: it would be 2,000, and a process has up to forty of them
RESTED = 1.0  # seconds after which a connection is asked whether it still lives
_WARMEST: dict[str, Any] = {"pool_use_lifo": True}  # who worked last has its statements prepared and its pages at hand
_POSTGRES_LIMITS = "-c statement_timeout=10000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000"
_POSTGRES = f"{_POSTGRES_LIMITS} -c TimeZone=UTC"  # an instant read as text is the same wherever the server stands
_OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
# SQLSTATEs after which the same request may simply be tried again.
_PASSING = {"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300"}
# What SQLite says when somebody else writes, the disk is full or fails, or the file may not be written to.
_PASSING_WORDS = ("locked", "disk is full", "disk I/O", "readonly database", "unable to open")


@dataclass(frozen=True)
class Database:
    """An engine, and how this process writes: SQLite has one writer at a time, so there they take turns."""

    engine: Engine
    _sessions: sessionmaker[Session]
    _turns: Turns | Freely
    _singly: sessionmaker[Session] | None = None

    @property
    def is_sqlite(self) -> bool:
        """Is this the embedded default?"""
        return self.engine.dialect.name == "sqlite"

    def warnings(self) -> list[str]:
        """What an operator should know about this database, in plain sentences; empty when all is well."""
        if self.is_sqlite and not _WAL_SAFE:
            return [f"SQLite {sqlite.sqlite_version} has the WAL-reset bug, so the slower rollback journal is used"]
        return []


def connect(url: str, *, pool_size: int = 20) -> Database:
    """Open the database at an SQLAlchemy URL; RuntimeError when it is neither SQLite nor PostgreSQL."""
    dialect = make_url(url).get_backend_name()
    if dialect == "sqlite":
        engine = create_engine(url, module=sqlite, pool_size=pool_size, max_overflow=pool_size, pool_timeout=5, **_WARMEST)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif dialect == "postgresql":
        engine = create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_size=pool_size,
            max_overflow=5,
            pool_timeout=3,
            **_WARMEST,
            connect_args={"connect_timeout": 2, "options": _POSTGRES, "tcp_user_timeout": 5000, "prepare_threshold": 3},
        )
        event.listen(engine, "checkin", _note_time)
        event.listen(engine, "checkout", partial(_ask_after_a_rest, engine))
    else:
        raise RuntimeError(f"DATABASE_URL names {dialect}; Runout knows sqlite and postgresql")
    sessions = sessionmaker(engine, expire_on_commit=False)
    if dialect == "sqlite":
        return Database(engine, sessions, Turns(sessions, Door(engine.url.database)))
    singly = sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)
    return Database(engine, sessions, Freely(sessions), singly)


@contextmanager
def transaction(db: Database) -> Iterator[Session]:
    """A session whose changes are committed together at the end, or rolled back when anything is raised.

    Raises Unavailable when the database is busy or away; nothing has been written then.
    """
    with _translated(), db._turns.writing() as session:
        yield session


@contextmanager
def one_statement(db: Database) -> Iterator[Session]:
    """A session in which each statement is committed by itself, for a deed of one: one message to PostgreSQL in place of three.

    Raises Unavailable when the database is busy or away; whether it was written is not known then.
    """
    assert db._singly is not None  # noqa: S101 - narrows; SQLite, which has no messages to spare, has none
    with _translated(), db._singly() as session:
        session.info[CONNECTION] = session.connection()
        yield session


@contextmanager
def reading(db: Database) -> Iterator[Session]:
    """A session that only reads; it takes no write lock. What was read stays readable after it is closed."""
    with _translated(), db._sessions() as session:
        yield session


@contextmanager
def glance(db: Database) -> Iterator[Session]:
    """A session for a single look: without a transaction around it, it is one message to PostgreSQL in place of three."""
    with _translated(), (db._singly or db._sessions)() as session:
        session.info[CONNECTION] = session.connection()
        yield session


@contextmanager
def snapshot(db: Database) -> Iterator[Connection]:
    """One unchanging view of the whole database, however long it is read; no writer waits for it."""
    unchanging = {} if db.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _translated(), db.engine.connect() as connection:
        connection.execution_options(**unchanging)
        _without_limits(connection)
        yield connection


@contextmanager
def rebuilding(db: Database) -> Iterator[Session]:
    """A session that may make every table anew, all of it committed at the end; on SQLite no foreign key is watched."""
    with _translated(), db.engine.connect() as connection, db._sessions(bind=connection) as session:
        if db.is_sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        connection.execution_options(runout_writes=True)
        _without_limits(session.connection())
        yield session
        session.commit()


@contextmanager
def migrating(db: Database) -> Iterator[Connection]:
    """A connection that changes tables while others serve; what it did is committed at the end.

    It takes its time, but waits for a lock two seconds at most, as everybody queues behind it meanwhile: rather nothing is
    changed then, Unavailable is raised, and one tries again.
    """
    with _translated(), db.engine.connect() as connection:
        connection.execution_options(runout_writes=True)
        if not db.is_sqlite:
            connection.detach()  # nobody else is to get these limits
            connection.exec_driver_sql(
                "SET lock_timeout = 2000; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
            )
            connection.commit()
        yield connection
        connection.commit()


def gather_statistics(db: Database) -> None:
    """Let the database see how its tables have grown, for its plans; PostgreSQL does so by itself. It takes a blink."""
    if db.is_sqlite:
        with _translated(), db.engine.connect() as connection:
            connection.execution_options(runout_writes=True)
            connection.exec_driver_sql(f"PRAGMA analysis_limit={_SAMPLE}")
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def in_use(db: Database) -> bool:
    """Has anybody else this database open, as far as the database can tell?"""
    if not db.is_sqlite:
        with db.engine.connect() as connection:
            return bool(connection.scalar(text(_OTHERS)))
    db.engine.dispose()
    with closing(sqlite.connect(db.engine.url.database, timeout=0)) as alone:
        try:  # who has a write-ahead log open keeps everybody else from leaving it
            return bool(alone.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete")
        except sqlite.OperationalError:
            return True
        except sqlite.DatabaseError:  # so damaged that nobody can work with it
            return False


def check_isolation(db: Database) -> None:
    """RuntimeError unless a PostgreSQL connection runs at READ COMMITTED, which the claiming of copies is written for."""
    if not db.is_sqlite:
        with reading(db) as session:
            level = session.scalar(text("SHOW transaction_isolation"))
        if level != "read committed":
            raise RuntimeError(f"PostgreSQL runs at {level!r}; Runout needs read committed")


def _without_limits(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (PoolTimeout, Stuck) as fault:
        raise Unavailable("The shop is very busy. Please try again in a moment.", retry_after=2) from fault
    except DBAPIError as fault:
        if _passing(fault):
            raise Unavailable("The shop is very busy. Please try again in a moment.", retry_after=2) from fault
        raise


def _passing(fault: DBAPIError) -> bool:
    state = getattr(fault.orig, "sqlstate", None)
    if fault.connection_invalidated or state in _PASSING:
        return True
    # psycopg gives no state when it never reached the server; SQLite has none at all.
    message = str(fault.orig)
    return isinstance(fault, OperationalError) and (
        (state is None and "connection" in message) or any(word in message for word in _PASSING_WORDS)
    )


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # we say BEGIN ourselves
    journal = "WAL" if _WAL_SAFE else "DELETE"
    for pragma in (f"journal_mode={journal}", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", _PAGES):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _note_time(_connection: object, record: Any) -> None:
    record.info["rested_since"] = time.monotonic()


def _ask_after_a_rest(engine: Engine, dbapi_connection: Any, record: Any, _proxy: object) -> None:
    """A connection that lay idle may be dead: another one is taken then. One that worked just now is not asked each time."""
    if time.monotonic() - record.info.get("rested_since", -math.inf) < RESTED:
        return
    try:
        alive = engine.dialect.do_ping(dbapi_connection)
    except engine.dialect.loaded_dbapi.Error:
        alive = False
    if not alive:
        raise DisconnectionError


def _begin_sqlite(connection: Connection) -> None:
    # A deferred read that turns into a write fails at once with SQLITE_BUSY_SNAPSHOT, so writers say so at the start.
    writes = connection.get_execution_options().get("runout_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

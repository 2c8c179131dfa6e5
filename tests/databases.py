"""Databases for tests: one migrated template per session, one fresh or emptied copy per test, and who wrote to it."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import BigInteger, Connection, Engine, Table, event, text

from app.kernel import shape
from app.kernel.db import Database, connect
from app.tables import metadata
from tests.postgres import TempPostgres

ROOT = Path(__file__).parent.parent
WRITES = re.compile(r"\s*(insert|update|delete|with\b.*\b(insert|update|delete)\b|alter|drop|truncate)", re.IGNORECASE | re.DOTALL)
POOL = 30  # the storm's 24 threads and some


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring a database up to a revision."""
    with engine.connect() as connection:
        command.upgrade(shape.config(connection), revision)
        connection.commit()


def quick_folder(name: str) -> Path:
    """A new folder in memory where the machine has that, else in the temporary folder."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return Path(tempfile.mkdtemp(prefix=f"runout-{name}-", dir=memory if os.access(memory, os.W_OK) else None))


@dataclass
class Watched:
    """A database and whether anything was written to it since `forget`."""

    database: Database
    written: bool = field(default=False)

    def __post_init__(self) -> None:
        event.listen(self.database.engine, "before_cursor_execute", self._note)

    def _note(self, _conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.written = self.written or bool(WRITES.match(statement))


class SqliteTemplate:
    """A migrated SQLite file; each copy of it is a fresh database."""

    def __init__(self) -> None:
        self.folder = quick_folder("sqlite")
        self._count = 0
        template = connect(f"sqlite:///{self.folder / 'template.db'}")
        migrate(template.engine)
        template.engine.dispose()

    def fresh(self) -> Watched:
        """A database of its own."""
        self._count += 1
        watched = Watched(connect(f"sqlite:///{self.folder / f'{self._count}.db'}", pool_size=POOL))
        event.listen(watched.database.engine, "connect", _turn_round)
        self.lay(watched)
        return watched

    def lay(self, watched: Watched) -> None:
        """Begin anew behind an engine that a fresh database has had; it knows by then how to compile most statements."""
        self.remove(watched)
        shutil.copyfile(self.folder / "template.db", watched.database.engine.url.database or "")
        watched.written = False

    def remove(self, used: Watched) -> None:
        """Close and delete a fresh database."""
        used.database.engine.dispose()
        file = Path(used.database.engine.url.database or "")
        for part in self.folder.glob(f"{file.name}*"):
            part.unlink()

    def end(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _turn_round(dbapi_connection: Any, _record: object) -> None:
    """Rows come backwards where nobody asked for a sequence: who relies on one fails always, and not once in a while."""
    dbapi_connection.execute("PRAGMA reverse_unordered_selects = ON")


def postgres_template(server: TempPostgres) -> None:
    """Make the migrated database `template` on a server."""
    made = connect(server.create_database("template"), pool_size=1)
    migrate(made.engine)
    made.engine.dispose()


@contextmanager
def empty_sqlite(folder: Path) -> Iterator[Database]:
    """A database without any table, in a folder."""
    fresh = connect(f"sqlite:///{folder / 'empty.db'}")
    yield fresh
    fresh.engine.dispose()


@contextmanager
def empty_postgres(beside: Database) -> Iterator[Database]:
    """A database without any table, on the server of another one."""
    name = f"empty_{beside.engine.url.database}"
    with beside.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    fresh = connect(beside.engine.url.set(database=name).render_as_string(hide_password=False))
    yield fresh
    fresh.engine.dispose()


def empty(database: Database) -> None:
    """Remove every row and begin all keys at 1 again; far quicker than TRUNCATE, which makes new files for every table."""
    tables = metadata.sorted_tables
    deletes = "; ".join(f'DELETE FROM "{table.name}"' for table in tables)
    keys = ", ".join(f"setval(pg_get_serial_sequence('{t.name}', 'id'), 1, false)" for t in tables if _counts(t))
    with database.engine.begin() as connection:
        # In this mode triggers and foreign keys are silent.
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {deletes}; SELECT {keys}")


def _counts(table: Table) -> bool:
    return "id" in table.c and isinstance(table.c.id.type, BigInteger)


def states_of(database: Database) -> list[str]:
    """The states of all copies, by their keys."""
    with database.engine.connect() as connection:
        return list(connection.execute(text("SELECT state FROM copies ORDER BY id")).scalars())


def driver(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


def loosen(connection: Connection, tables: set[str]) -> None:
    """Take constraints, unique indexes and triggers off some tables, until the transaction is rolled back; row numbers stay."""
    if connection.dialect.name == "sqlite":
        connection.rollback()
        driver(connection).execute("PRAGMA foreign_keys = OFF")
        for table in tables:
            _make_bare(connection, table)
        return
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    found = """SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass)
        AND (contype IN ('c', 'u', 'f') OR conname = 'pk_stripe_events')"""
    indexes = """SELECT indexrelid::regclass::text FROM pg_index
        WHERE indrelid = CAST(:t AS regclass) AND indisunique AND NOT indisprimary"""
    for table in tables:
        for name in connection.scalars(text(found), {"t": table}).all():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        for name in connection.scalars(text(indexes), {"t": table}).all():
            connection.execute(text(f"DROP INDEX {name}"))


def _make_bare(connection: Connection, table: str) -> None:
    """SQLite cannot remove a constraint, so the table is made again without its lines."""
    made = str(connection.scalar(text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :t"), {"t": table}))
    constraint = r"\s*CONSTRAINT \w+ (UNIQUE|CHECK|FOREIGN KEY)|\s*CONSTRAINT pk_stripe_events|\s*\)\s*$"
    kept = [line.strip().rstrip(",") for line in made.splitlines()[1:] if not re.match(constraint, line)]
    connection.exec_driver_sql(f"CREATE TABLE bare ({', '.join(kept)})")
    connection.exec_driver_sql(f"INSERT INTO bare SELECT * FROM {table}")
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE bare RENAME TO {table}")

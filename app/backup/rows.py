"""Every table as lines of JSON, and back: the same lines whichever of the two databases they come from or go to."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Date, DateTime, MetaData, Table, delete, func, inspect, select, text

NOT_OURS = {"alembic_version"}  # made by the migrations
AT_ONCE = 500  # rows fetched or written together

_KEYS = """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"""


def tables(connection: Connection) -> list[Table]:
    """The tables that the database has, as it describes them: the code may be older or newer."""
    seen, found = inspect(connection), MetaData()
    for name in sorted(set(seen.get_table_names()) - NOT_OURS):
        keys = seen.get_pk_constraint(name)["constrained_columns"]
        columns = [Column(each["name"], each["type"], primary_key=each["name"] in keys) for each in seen.get_columns(name)]
        Table(name, found, *columns)
    return list(found.tables.values())


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def dump(connection: Connection, table: Table) -> Iterator[bytes]:
    """A line with the names of the columns, then a line for each row, by its key. TypeError for what JSON cannot say."""
    yield _line([column.name for column in table.c])
    found = connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key))
    for row in found:
        yield _line([_said(value) for value in row])


def load(connection: Connection, table: Table, lines: Iterable[bytes]) -> Iterator[int]:
    """Replace a table's rows by those of `lines`; yields how many at a time. KeyError when a column is not there."""
    connection.execute(delete(table))  # what a migration may have put there
    rest = iter(lines)
    columns = [table.c[name] for name in json.loads(next(rest))]
    while batch := list(islice(rest, AT_ONCE)):
        connection.execute(table.insert(), [_row(columns, json.loads(line), connection.dialect.name) for line in batch])
        yield len(batch)


def without_foreign_keys(connection: Connection) -> list[str]:
    """Take PostgreSQL's foreign keys off, as rows come table by table; the statements that put them back, and prove them."""
    if connection.dialect.name == "sqlite":  # where they are not watched while the database is made anew
        return []
    keys = connection.execute(text(_KEYS)).all()
    for table, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in keys]


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _said(value: Any) -> Any:
    """Instants are said in UTC; SQLite keeps them without saying so."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _row(columns: list[Column[Any]], values: list[Any], dialect: str) -> dict[str, Any]:
    return {column.name: _read(column, value, dialect) for column, value in zip(columns, values, strict=True)}


def _read(column: Column[Any], value: Any, dialect: str) -> Any:
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=None) if dialect == "sqlite" else instant
    return date.fromisoformat(value) if isinstance(column.type, Date) else value

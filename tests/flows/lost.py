"""Loses the last rows of a database, as a restore does: everything is again as it was when the snapshot was taken."""

from typing import Any

from sqlalchemy import Connection, text

from app.kernel.db import Database
from app.tables import metadata

Rows = dict[str, list[dict[str, Any]]]


def snapshot(db: Database) -> Rows:
    """Every row of every table."""
    with db.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()] for table in metadata.sorted_tables
        }


def lose_since(db: Database, kept: Rows) -> None:
    """Put a snapshot in place of what is there. Keys begin again after the highest kept, as with a careless restore."""
    with db.engine.connect() as connection:
        triggers = _without_guards(connection)
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table in metadata.sorted_tables:
            if kept[table.name]:
                connection.execute(table.insert(), kept[table.name])
            if (
                not db.is_sqlite
                and "id" in table.c
                and table.c.id.autoincrement is not False
                and table.c.id.type.python_type is int
            ):
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                connection.execute(text(f"SELECT setval({sequence}, COALESCE((SELECT MAX(id) FROM {table.name}), 0) + 1, false)"))
        for trigger in triggers:
            connection.execute(text(trigger))
        connection.commit()


def _without_guards(connection: Connection) -> list[str]:
    """No foreign keys and no triggers until the commit; the triggers that have to be made again."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return []
    connection.rollback()
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA defer_foreign_keys = ON")
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    return [sql for _, sql in found]

"""How the counting of rows goes on after a restore."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, select, text

# What a link is made from, such as an order's id, must never come again when rows were lost with the old database.
LEAP = 1_000_000


def leap(connection: Connection, ours: Sequence[Table]) -> None:
    """Let every table that counts its rows go on far above the highest id that it holds."""
    if connection.dialect.name == "sqlite":
        counting = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        names = set(connection.scalars(counting))
        for table in ours:
            if table.name in names:
                connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
                last = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")
                connection.execute(last, {"name": table.name, "seq": _highest(connection, table) + LEAP})
        return
    for table in ours:
        if "id" in table.c and (counter := connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))):
            connection.execute(select(func.setval(counter, _highest(connection, table) + LEAP)))


def _highest(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.max(table.c.id))) or 0

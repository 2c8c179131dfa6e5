"""The migrations and the models agree on both databases, can be undone, and have one head."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Staff
from app.kernel import shape
from app.kernel.db import Database, transaction
from app.orders import bulk
from app.orders.models import Bulk, BulkOrder, BulkVerb
from app.tables import metadata
from tests.builders import open_drop, paid_order
from tests.cast import NOW
from tests.databases import empty_postgres, empty_sqlite


def test_there_is_one_head() -> None:
    assert ScriptDirectory.from_config(shape.config()).get_heads() == [shape.newest()]


def test_the_shapes_are_known() -> None:
    steps = list(ScriptDirectory.from_config(shape.config()).walk_revisions())
    assert all(shape.known(step.revision) for step in steps)
    assert not any(shape.known(wrong) for wrong in ("", "None", "9999", "head"))


def test_the_tables_are_the_models(db: Database) -> None:
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_every_constraint_is_the_models(db: Database, empty_like: Database) -> None:
    """Autogenerate does not compare checks, partial indexes and foreign keys closely; the databases' own words do."""
    metadata.create_all(empty_like.engine)
    with db.engine.connect() as migrated, empty_like.engine.connect() as made:
        assert _described(migrated) == _described(made)


def test_it_can_be_undone_and_done_again(empty_like: Database) -> None:
    with empty_like.engine.connect() as connection:
        config = shape.config(connection)
        assert shape.current(connection) is None
        command.upgrade(config, "head")
        assert shape.current(connection) == shape.newest()
        first = _described(connection)
        command.downgrade(config, "base")
        assert shape.current(connection) is None
        assert _described(connection) == []
        command.upgrade(config, "head")
        assert _described(connection) == first
        connection.rollback()


def test_the_newest_can_be_undone_in_a_shop_with_rows(empty_like: Database) -> None:
    with empty_like.engine.connect() as connection:
        command.upgrade(shape.config(connection), "head")
        connection.commit()
    drop, run = open_drop(empty_like, size=2)
    paid_order(empty_like, drop, {run: 1})
    with empty_like.engine.connect() as connection:
        before = _described(connection)
        for there in ("-1", "head"):
            (command.downgrade if there == "-1" else command.upgrade)(shape.config(connection), there)
            connection.commit()
        assert _described(connection) == before
        assert connection.scalar(text("SELECT COUNT(*) FROM payments WHERE state = 'captured'")) == 1


@pytest.mark.parametrize("table", ["stock_movements", "audit_log"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_history_cannot_be_changed(db: Database, table: str, deed: str) -> None:
    open_drop(db, size=2)
    with db.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO audit_log (at, deed, entity, detail) VALUES ('2026-11-27 19:00:00', 'drop.paused', 'drop', :empty)"),
            {"empty": "{}"},
        )
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), db.engine.begin() as connection:
        connection.execute(text(deed.format(table)))
    with db.engine.connect() as connection:
        assert connection.scalar(text(f"SELECT COUNT(*) FROM {table}")) == (2 if table == "stock_movements" else 1)


@pytest.fixture
def empty_like(db: Database, tmp_path: Path) -> Iterator[Database]:
    """A database of the same kind without any table."""
    with empty_sqlite(tmp_path) if db.is_sqlite else empty_postgres(db) as fresh:
        yield fresh


SQLITE = """
SELECT type || ' ' || name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND type <> 'trigger' AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version' ORDER BY 1
"""
POSTGRES = """
SELECT conrelid::regclass || ' ' || conname AS what, pg_get_constraintdef(oid) AS how FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL SELECT table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2
"""


def _described(connection: Connection) -> list[tuple[str, list[str]]]:
    """Every table, constraint and index, without regard to the sequence of a table's parts."""
    rows = connection.execute(text(SQLITE if connection.dialect.name == "sqlite" else POSTGRES))
    # SQLite writes a column that came later onto the line of the one before.
    return [(what, sorted(part.strip(" \t,)") for part in re.split(r"\n|, (?=[a-z_]+ [A-Z])", how))) for what, how in rows]


def test_orders_from_before_say_that_nothing_was_said_about_vat(empty_like: Database) -> None:
    """Down to before VAT and up again, as a shop with orders comes to it: line by line, and no invariant breaks."""
    with empty_like.engine.connect() as connection:
        command.upgrade(shape.config(connection), "head")
        connection.commit()
    drop, run = open_drop(empty_like, size=3)
    paid_order(empty_like, drop, {run: 2})
    with empty_like.engine.connect() as connection:
        for there in ("0015", "head"):
            (command.downgrade if there == "0015" else command.upgrade)(shape.config(connection), there)
            connection.commit()
        rows = connection.execute(
            text("SELECT order_line_id, taxed_as, country, rate, net, tax FROM order_taxes ORDER BY id")
        ).all()
        assert [tuple(row) for row in rows] == [(1, "unsaid", "DE", 0, 4800, 0), (None, "unsaid", "DE", 0, 195, 0)]


def test_deeds_on_many_orders_outlive_a_new_kind_of_them(empty_like: Database) -> None:
    """Down to before parcels were packed by one and up again: what was done stays, packing apart, and no id is given out twice."""
    with empty_like.engine.connect() as connection:
        command.upgrade(shape.config(connection), "head")
        connection.commit()
    drop, run = open_drop(empty_like, size=3)
    order = paid_order(empty_like, drop, {run: 2}).id
    with transaction(empty_like) as session:
        staff = Staff(email="sam@tinsel.example", name="Sam", password_hash="never asked", created_at=NOW)
        session.add(staff)
        session.flush()
        for verb in (BulkVerb.LOCK, BulkVerb.PACK):
            bulk.begin(session, staff.id, verb, [order], NOW, None)
    with empty_like.engine.connect() as connection:
        for there in ("0024", "head"):
            (command.downgrade if there == "0024" else command.upgrade)(shape.config(connection), there)
            connection.commit()
    with transaction(empty_like) as session:
        assert session.execute(select(Bulk.id, Bulk.verb, Bulk.at)).all() == [(1, BulkVerb.LOCK, NOW)]
        assert session.execute(select(BulkOrder.bulk_id, BulkOrder.order_id)).all() == [(1, order)]
        assert bulk.begin(session, staff.id, BulkVerb.PACK, [order], NOW, None).id == 3

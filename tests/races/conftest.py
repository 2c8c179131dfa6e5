"""Databases whose constraints a control may remove."""

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.kernel.db import Database, connect
from tests.databases import POOL, SqliteTemplate

pytest.register_assert_rewrite("tests.races.stock_pairs", "tests.races.money_pairs", "tests.races.desk_pairs")

_count = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def breakable_db(request: pytest.FixtureRequest, sqlite_template: SqliteTemplate) -> Iterator[Database]:
    """A database of its own for a test that removes constraints; no invariants afterwards, they are broken on purpose."""
    if request.param == "sqlite":
        fresh = sqlite_template.fresh()
        yield fresh.database
        sqlite_template.remove(fresh)
        return
    main = connect(request.getfixturevalue("postgres_url"), pool_size=1)
    name = f"{main.engine.url.database}_breakable_{next(_count)}"
    with main.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY"))
        breakable = connect(main.engine.url.set(database=name).render_as_string(hide_password=False), pool_size=POOL)
        yield breakable
        breakable.engine.dispose()
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    main.engine.dispose()

"""flask db upgrade | downgrade | check | current."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask.cli import AppGroup

from app.cli.words import said
from app.kernel import shape
from app.kernel.db import migrating
from app.web.house import house

command = AppGroup("db", help="The database's tables.")


@command.command("upgrade")
def upgrade() -> None:
    """Bring the tables to the newest shape."""
    _database_folder()
    with _migrating() as config:
        alembic.upgrade(config, "head")


@command.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Go back to an earlier shape."""
    with _migrating() as config:
        alembic.downgrade(config, revision)


@command.command("check")
def check() -> None:
    """Fail unless the tables in the database are the tables in the code."""
    with _migrating() as config:
        alembic.check(config)


@command.command("current")
def current() -> None:
    """Say which shape the tables have."""
    with house().db.engine.connect() as connection:
        at = shape.current(connection)
    click.echo(f"{at or 'empty'} (newest is {shape.newest()})")


@contextmanager
def _migrating() -> Iterator[Config]:
    """Alembic's configuration with a connection of ours, which is committed at the end."""
    with said(), migrating(house().db) as connection:
        yield shape.config(connection)


def _database_folder() -> None:
    engine = house().db.engine
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

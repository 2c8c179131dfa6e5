"""flask db upgrade | downgrade | check | current."""

import time
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
from app.kernel.errors import Unavailable
from app.web.house import house

WAITS = (1.0, 2.0, 4.0, 8.0)  # seconds between the tries of an upgrade

command = AppGroup("db", help="The database's tables.")


@command.command("upgrade")
def upgrade() -> None:
    """Bring the tables to the newest shape. Where somebody works with one just then, it is tried again a few times."""
    _database_folder()
    for wait in (*WAITS, None):
        try:
            with migrating(house().db) as connection:
                alembic.upgrade(shape.config(connection), "head")
        except Unavailable as busy:
            if wait is None:
                raise click.ClickException(busy.detail) from busy
            click.echo(f"The tables are in use; trying again in {wait:g} s.", err=True)
            time.sleep(wait)  # whoever works with the tables is served meanwhile
        else:
            return


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

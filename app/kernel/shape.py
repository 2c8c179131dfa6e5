"""The shape of the tables: which one a database has, which ones the code knows, and Alembic's way between them."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

_ROOT = Path(__file__).resolve().parents[2]


def config(connection: Connection | None = None) -> Config:
    """Alembic as pyproject.toml sets it up; its commands work on `connection`, and leave the commit to whoever gave it."""
    made = Config(toml_file=str(_ROOT / "pyproject.toml"))
    made.set_main_option("script_location", str(_ROOT / "migrations"))
    made.attributes["connection"] = connection
    return made


def current(connection: Connection) -> str | None:
    """The shape that a database has; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """The newest shape in the code; it cannot change while this process runs."""
    return ScriptDirectory.from_config(config()).get_current_head()


def known(revision: str) -> bool:
    """Does the code know how to make this shape?"""
    try:
        return ScriptDirectory.from_config(config()).get_revision(revision) is not None
    except CommandError:
        return False

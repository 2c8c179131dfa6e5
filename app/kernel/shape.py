"""The shape of the tables: which one a database has, which ones the code knows, and Alembic's way between them."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_ROOT = Path(__file__).resolve().parents[2]
_STEP = re.compile(r"^(revision|down_revision) = (?:[\"'](\w+)[\"']|None)$", re.MULTILINE)


def config(connection: Connection | None = None) -> "Config":
    """Alembic as pyproject.toml sets it up; its commands work on `connection`, and leave the commit to whoever gave it."""
    from alembic.config import Config  # slow import: 0.2 s and 8 MB, and only who changes tables needs it  # noqa: PLC0415

    made = Config(toml_file=str(_ROOT / "pyproject.toml"))
    made.set_main_option("script_location", str(_ROOT / "migrations"))
    made.attributes["connection"] = connection
    return made


def current(connection: Connection) -> str | None:
    """The shape that a database has; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def newest() -> str | None:
    """The newest shape in the code; it cannot change while this process runs."""
    return next(iter(_steps().keys() - _steps().values()), None)


def known(revision: str) -> bool:
    """Does the code know how to make this shape?"""
    return revision in _steps()


@cache
def _steps() -> dict[str, str | None]:
    """Each shape, and the one it is made from, as the migrations say themselves."""
    files = (_ROOT / "migrations" / "versions").glob("*.py")
    said = [dict(_STEP.findall(file.read_text())) for file in files]
    return {each["revision"]: each["down_revision"] or None for each in said}

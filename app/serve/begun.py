"""Whether there is a demo that a command could work on."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from app.serve.demo_env import DemoRefused

_MAKES_ITS_OWN = {"db", "restore", "routes"}  # commands that need no tables, or make them


def check_begun(root: Path, env: Mapping[str, str], outside: Mapping[str, str], words: Sequence[str]) -> None:
    """DemoRefused with what to do, when this command would find a database without tables; of SQLite only."""
    path = env["DATABASE_URL"].removeprefix("sqlite:///")
    if path == env["DATABASE_URL"] or not words or words[0] in _MAKES_ITS_OWN or "--help" in words:
        return
    if not _has_tables(root / path):
        run = "EMPTY=1 make run" if outside.get("EMPTY") else "make run"
        raise DemoRefused(f"There is no demo yet that this could work on. Start one with `{run}`, and try again beside it.")


def _has_tables(file: Path) -> bool:
    if not file.is_file():
        return False
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'labels'").fetchone() is not None

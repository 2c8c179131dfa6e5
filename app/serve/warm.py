"""Remembers which database was prepared for which migrations, so that a warm start loads the shop once and not three times."""

import hashlib
import sqlite3
from pathlib import Path

SQLITE = "sqlite:///"


class Warm:
    """The note in var/prepared about one SQLite file; other databases are always prepared anew."""

    def __init__(self, root: Path, database_url: str) -> None:
        self._note = root / "var" / "prepared"
        self._migrations = root / "migrations" / "versions"
        self._file = root / database_url.removeprefix(SQLITE) if database_url.startswith(SQLITE) else None

    def is_prepared(self) -> bool:
        """Does the file hold the very shape it had after the last preparation, and are the migrations the same?"""
        state = self._state()
        return state is not None and self._note.exists() and self._note.read_text() == state

    def remember(self) -> None:
        """Note that the database is ready as it is now."""
        state = self._state()
        if state is not None:
            self._note.write_text(state)

    def _state(self) -> str | None:
        version = self._version()
        if version is None:
            return None
        names = sorted(file.name for file in self._migrations.glob("*.py"))
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
        return f"{self._file} at {version}, migrations {digest}\n"

    def _version(self) -> str | None:
        """The migration that the file says it is at; None when it cannot be asked."""
        if self._file is None or not self._file.exists():
            return None
        try:
            connection = sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True, timeout=1)
        except sqlite3.Error:
            return None
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error:
            return None
        finally:
            connection.close()
        return str(row[0]) if row else None

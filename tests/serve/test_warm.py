"""A warm start skips the preparation only while database and migrations are those that were prepared."""

import sqlite3
from pathlib import Path

import pytest

from app.serve.warm import Warm


def _set_version(file: Path, version: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (version,))
    connection.close()


@pytest.fixture
def prepared(tmp_path: Path) -> Warm:
    (tmp_path / "var").mkdir()
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    _set_version(tmp_path / "var" / "runout.db", "0001")
    warm = Warm(tmp_path, "sqlite:///var/runout.db")
    assert not warm.is_prepared()
    warm.remember()
    assert warm.is_prepared()
    return warm


def test_another_version_is_prepared_again(prepared: Warm, tmp_path: Path) -> None:
    _set_version(tmp_path / "var" / "runout.db", "0000")
    assert not prepared.is_prepared()


def test_a_new_migration_is_applied(prepared: Warm, tmp_path: Path) -> None:
    (tmp_path / "migrations" / "versions" / "0002_more.py").write_text("")
    assert not prepared.is_prepared()


def test_a_lost_database_is_made_again(prepared: Warm, tmp_path: Path) -> None:
    (tmp_path / "var" / "runout.db").unlink()
    assert not prepared.is_prepared()


def test_a_file_that_is_no_database_is_not_trusted(prepared: Warm, tmp_path: Path) -> None:
    (tmp_path / "var" / "runout.db").write_bytes(b"not a database" * 100)
    assert not prepared.is_prepared()


def test_postgresql_is_always_asked(prepared: Warm, tmp_path: Path) -> None:
    warm = Warm(tmp_path, "postgresql://h/d")
    warm.remember()
    assert not warm.is_prepared()

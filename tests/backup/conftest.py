"""A shop worth keeping, folders for its media and its backups, and empty databases to put them back into."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import backup
from app.backup import Backup, Restored
from app.kernel import outbox
from app.kernel.db import Database, reading, transaction
from app.tables import metadata
from tests.builders import open_drop, paid_order, take_some
from tests.cast import ADA, BEN, NOW
from tests.databases import empty_postgres, empty_sqlite


@contextmanager
def no_bar(_what: str, _steps: int) -> Iterator[Callable[[int], object]]:
    """Nobody watches."""
    yield lambda _: None


@dataclass(frozen=True)
class Kept:
    """A shop with an order, a hold and two media files, and where its backups go."""

    db: Database
    media: Path
    folder: Path
    drop_id: int
    run_id: int

    def take(self, bar: backup.Bar = no_bar, keep: int | None = None) -> Backup:
        """Make a backup now."""
        return backup.take(self.db, self.media, self.folder, NOW, keep=keep, bar=bar)


@pytest.fixture
def kept(db: Database, tmp_path: Path) -> Kept:
    """What the tests make backups of."""
    drop_id, run_id = open_drop(db, size=12)
    paid_order(db, drop_id, {run_id: 2}, ADA)
    take_some(db, drop_id, {run_id: 1}, BEN)
    with transaction(db) as session:
        outbox.enqueue(session, "mail.reminder", "1", {"reminder": 1, "words": "zwölf № ✓"}, now=NOW)
    media = tmp_path / "media"
    media.mkdir()
    (media / "aa.jpg").write_bytes(bytes(range(256)) * 40)
    (media / "bb.mp3").write_bytes(b"a sound")
    (media / "files").mkdir()
    (media / "files" / "dd").write_bytes(b"an album" * 1000)
    (media / "files" / ".ee").write_bytes(b"half an album")
    (media / ".incoming-cc").write_bytes(b"not there yet")
    return Kept(db, media, tmp_path / "backups", drop_id, run_id)


@pytest.fixture
def target(db: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the same kind."""
    with _emptied(tmp_path) if db.is_sqlite else empty_postgres(db) as fresh:
        yield fresh


@pytest.fixture
def other_kind(db: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the other kind."""
    with empty_postgres(request.getfixturevalue("postgres_db")) if db.is_sqlite else _emptied(tmp_path) as fresh:
        yield fresh


def _emptied(folder: Path) -> AbstractContextManager[Database]:
    (folder / "target").mkdir()
    return empty_sqlite(folder / "target")


@pytest.fixture
def put_back(tmp_path: Path) -> Callable[..., Restored]:
    """Restore a file into a database, with the media in `restored-media`."""

    def restore(db: Database, file: Path, *, replace: bool = False) -> Restored:
        return backup.restore(db, tmp_path / "restored-media", file, NOW, replace=replace, bar=no_bar)

    return restore


def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as the code sees it, whichever database it is in."""
    with reading(db) as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }

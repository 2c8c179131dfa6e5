"""Makes a backup while the shop serves: one unchanging view of the database, and every media file that it names."""

import tomllib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.backup import folder, rows
from app.backup.archive import Writer
from app.backup.manifest import CHUNK, FILES, MEDIA, ROWS, BackupTrouble, Manifest
from app.backup.opening import opened
from app.catalogue import file_store
from app.kernel import shape
from app.kernel.db import Database, snapshot

# Given what is done and in how many steps, something that is told of each step: a bar on a terminal.
Bar = Callable[[str, int], AbstractContextManager[Callable[[int], object]]]


@dataclass(frozen=True)
class Backup:
    """A backup that is complete and on the disk, and the older ones that it replaced."""

    path: Path
    manifest: Manifest
    removed: list[Path]


def take(db: Database, media: Path, into: Path, now: datetime, *, keep: int | None, bar: Bar) -> Backup:
    """Write one backup into a folder, read it back, and only then give it its name and prune all but `keep`.

    Everything that was committed before `now` is in it. BackupTrouble, and no file, when it cannot be made.
    """
    with folder.being_written(into, now) as (rough, complete):
        with Writer(rough, now) as writer:
            manifest = _write(writer, db, media, bar)
        with bar("Reading it back", len(manifest.files)) as step, opened(rough, lambda: step(1)):
            pass
    return Backup(complete, manifest, folder.prune(into, keep) if keep else [])


def _write(writer: Writer, db: Database, media: Path, bar: Bar) -> Manifest:
    # A file is there before its row is and stays until its row is gone. So what the view names was there before the view,
    # or came just before it: two passes find both, and a file that is removed meanwhile was copied by the first.
    early = _files(media)
    with bar("Media", len(early)) as step:
        _add_media(writer, media, early, step)
    with snapshot(db) as connection:
        revision = shape.current(connection)
        if revision is None:
            raise BackupTrouble("There is nothing to back up: the database is empty. Make its tables with flask db upgrade.")
        found = rows.tables(connection)
        counts = {table.name: rows.count(connection, table) for table in found}
        _add_media(writer, media, _files(media) - early, lambda _: None)
        with bar("Rows", sum(counts.values())) as step:
            for table in found:
                writer.add(f"{ROWS}{table.name}.jsonl", _told(rows.dump(connection, table), step), squeezed=True)
    return writer.finish(_version(), revision, connection.dialect.name, counts)


def _add_media(writer: Writer, media: Path, files: Iterable[Path], step: Callable[[int], object]) -> None:
    for file in sorted(files):
        with suppress(FileNotFoundError), file.open("rb") as content:  # a label may just have removed it
            writer.add(
                f"{MEDIA if file.parent == media else FILES}{file.name}", iter(lambda: content.read(CHUNK), b""), squeezed=False
            )
        step(1)


def _files(media: Path) -> set[Path]:
    """All that is whole: pictures and sounds, and the files that come with copies in their own folder."""
    folders = [folder for folder in (media, media / file_store.FOLDER) if folder.is_dir()]
    return {each for folder in folders for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")}


def _told(lines: Iterable[bytes], step: Callable[[int], object]) -> Iterable[bytes]:
    for line in lines:
        yield line
        step(1)


def _version() -> str:
    with (Path(__file__).resolve().parents[2] / "pyproject.toml").open("rb") as said:
        return str(tomllib.load(said)["project"]["version"])

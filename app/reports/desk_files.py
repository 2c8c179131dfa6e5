"""The files of a release for the desk: what came, what has come in part, and how often each was begun to be downloaded."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.catalogue import file_store, files
from app.catalogue.models import FileKind, ReleaseFile
from app.kernel.errors import NotFound


@dataclass(frozen=True)
class FileRow:
    """A file; `arrived` bytes of `size` are here, all of them where there is a checksum."""

    id: int
    release_id: int
    name: str
    kind: FileKind
    size: int
    arrived: int
    sha256: str
    downloads: int
    created_at: datetime


def of_release(session: Session, release_id: int, folder: Path) -> tuple[FileRow, ...]:
    """All of a release, in their sequence."""
    return tuple(_row(each, folder) for each in files.of_release(session, release_id))


def one(session: Session, file_id: int, folder: Path) -> FileRow:
    """One file; NotFound when there is none."""
    found = session.get(ReleaseFile, file_id)
    if found is None:
        raise NotFound("There is no such file. Perhaps it was removed meanwhile.")
    return _row(found, folder)


def _row(row: ReleaseFile, folder: Path) -> FileRow:
    here = row.size if row.sha256 else file_store.arrived(folder, row.file)
    return FileRow(row.id, row.release_id, row.name, row.kind, row.size, here, row.sha256 or "", row.downloads, row.created_at)

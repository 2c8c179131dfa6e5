"""The folder that keeps backups: one writer at a time, a name only for what is complete, the oldest removed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.backup.manifest import BackupTrouble

_NAMES = "runout-*.zip"
_UNFINISHED = ".unfinished.zip"


@contextmanager
def being_written(folder: Path, at: datetime) -> Iterator[tuple[Path, Path]]:
    """Where to write a backup, and the name that it gets once the block has ended well and it is on the disk.

    BackupTrouble when another one is being written, or the folder cannot be.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            rough, complete = folder / _UNFINISHED, folder / f"runout-{at:%Y%m%dT%H%M%SZ}.zip"
            rough.unlink(missing_ok=True)  # somebody's who was killed
            try:
                os.close(os.open(rough, os.O_CREAT | os.O_EXCL, 0o600))  # it holds the addresses of fans
                yield rough, complete
                sync(rough)
                rough.rename(complete)
                sync(folder)
            finally:
                rough.unlink(missing_ok=True)
    except OSError as fault:
        raise BackupTrouble(f"No backup was made in {folder}: {fault.strerror or fault}.") from fault


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all complete backups but the newest `keep`; which were removed."""
    old = sorted(folder.glob(_NAMES), reverse=True)[keep:]
    for each in old:
        each.unlink()
    return old


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise BackupTrouble(f"Another backup is being written to {folder}. Wait until it is done.") from fault
        yield
    finally:
        os.close(handle)

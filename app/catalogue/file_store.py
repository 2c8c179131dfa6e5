"""The bytes of files that come with a copy: they lie where no public address leads, and are sealed by a checksum."""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from app.kernel.errors import BadInput, Conflict

FOLDER = "files"  # under MEDIA_DIR
LARGEST = 2 * 1024**3  # bytes of one file that comes over the web
PART = 8 * 1024**2  # bytes of a part of one
SPARE = 1024**3  # bytes of the disk that uploads leave free, as database and backups want them


def place(media_dir: Path) -> Path:
    """The folder."""
    return media_dir.absolute() / FOLDER


def prepared(media_dir: Path) -> Path:
    """The folder, made if it is not there, for the shop's own user alone."""
    folder = place(media_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def must_fit(folder: Path, size: int) -> None:
    """BadInput (on `file`) for a file that would fill the disk."""
    free = max(0, shutil.disk_usage(folder).free - SPARE)
    if size > free:
        raise BadInput("", {"file": f"The server has room for {free // 1024**2} MB more. Make some, or choose a smaller file."})


def arrived(folder: Path, file: str) -> int:
    """How many bytes of it are here."""
    return next((path.stat().st_size for path in (rough_of(folder, file), folder / file) if path.exists()), 0)


def seal(folder: Path, file: str, size: int) -> str:
    """The SHA-256 of a file that is all here, which is on the disk and has its own name from now on; Conflict before that."""
    rough, whole = rough_of(folder, file), folder / file
    if (here := arrived(folder, file)) != size:
        raise Conflict(f"Only {here:,} of {size:,} bytes have come. Choose the file again; it goes on where it stopped.")
    with (whole if whole.exists() else rough).open("rb") as content:
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
        os.fsync(content.fileno())
    with suppress(FileNotFoundError):  # another window has sealed it meanwhile, or it was sealed before
        rough.rename(whole)
    return checksum


def unlink(folder: Path, file: str) -> None:
    """Remove what there is of it."""
    for path in (folder / file, rough_of(folder, file)):
        path.unlink(missing_ok=True)


def rough_of(folder: Path, file: str) -> Path:
    """Where it lies until all of it is here."""
    return folder / f".{file}"  # a backup leaves out what begins with a dot

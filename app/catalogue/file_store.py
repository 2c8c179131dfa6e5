"""The bytes of files that come with a copy: they come in parts, lie where no public address leads, and are sealed by a checksum."""

import errno
import fcntl
import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from app.kernel.errors import BadInput, Conflict, Unavailable

FOLDER = "files"  # under MEDIA_DIR
LARGEST = 2 * 1024**3  # bytes of one file that comes over the web
PART = 8 * 1024**2  # bytes of a part of one
SPARE = 1024**3  # bytes of the disk that uploads leave free, as database and backups want them
_CHUNK = 1024**2


def place(media_dir: Path) -> Path:
    """The folder, made if it is not there."""
    folder = media_dir.absolute() / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def must_fit(folder: Path, size: int) -> None:
    """BadInput (on `file`) for a file that would fill the disk."""
    free = max(0, shutil.disk_usage(folder).free - SPARE)
    if size > free:
        raise BadInput("", {"file": f"The server has room for {free // 1024**2} MB more. Make some, or choose a smaller file."})


def arrived(folder: Path, file: str) -> int:
    """How many bytes of it are here."""
    return next((path.stat().st_size for path in (_rough(folder, file), folder / file) if path.exists()), 0)


def append(folder: Path, file: str, at: int, content: IO[bytes], size: int) -> int:
    """Add what stands at byte `at` of a file of `size` bytes; how many are here then.

    A part that begins anywhere but where the file ends changes nothing: it came before, or one before it has yet to.
    """
    if (folder / file).exists():
        return size
    handle = os.open(_rough(folder, file), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # two windows may send the same part
        end = os.lseek(handle, 0, os.SEEK_END)
        return _added(content, handle, at, size - at) if end == at else end
    finally:
        os.close(handle)


def seal(folder: Path, file: str, size: int) -> str:
    """The SHA-256 of a file that is all here, which is on the disk and has its own name from now on; Conflict before that."""
    rough, whole = _rough(folder, file), folder / file
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
    for path in (folder / file, _rough(folder, file)):
        path.unlink(missing_ok=True)


def _rough(folder: Path, file: str) -> Path:
    return folder / f".{file}"  # a backup leaves out what begins with a dot


def _added(content: IO[bytes], handle: int, at: int, most: int) -> int:
    """The file's new end; where that fails, the file is as it was."""
    try:
        return at + _pour(content, handle, most)
    except OSError as fault:
        os.ftruncate(handle, at)
        if fault.errno != errno.ENOSPC:
            raise
        raise Unavailable("The server's disk is full, so the file stopped coming. Make room, then choose it again.") from fault
    except BaseException:
        os.ftruncate(handle, at)
        raise


def _pour(content: IO[bytes], handle: int, most: int) -> int:
    poured = 0
    while piece := content.read(_CHUNK):
        if (poured := poured + len(piece)) > most:
            raise BadInput("", {"file": "More came than the file was said to have. Choose it again."})
        left = memoryview(piece)
        while left:
            left = left[os.write(handle, left) :]
    return poured

"""Adds a part to a file that is on its way: all of it or nothing, and never twice."""

import errno
import fcntl
import os
from pathlib import Path
from typing import IO

from app.catalogue.file_store import rough_of
from app.kernel.errors import BadInput, Unavailable

_CHUNK = 1024**2


def append(folder: Path, file: str, at: int, content: IO[bytes], size: int) -> int:
    """Add what stands at byte `at` of a file of `size` bytes; how many are here then.

    A part that begins anywhere but where the file ends changes nothing: it came before, or one before it has yet to.
    """
    if (folder / file).exists():
        return size
    handle = os.open(rough_of(folder, file), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # two windows may send the same part
        end = os.lseek(handle, 0, os.SEEK_END)
        return _added(content, handle, at, size - at) if end == at else end
    finally:
        os.close(handle)


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

"""Writers of several processes on one SQLite file go in one after the other, as those of one process do.

SQLite's own waiting is a look now and then, up to a tenth of a second apart. A process that writes again as soon as it has
written is there first nearly every time, so that a busy worker left the shop twenty takes a second. Here whoever wants to write
takes the one place in front of the door, and whoever was inside finds that place taken and has to wait behind it.

It is a courtesy: what keeps two from writing at once is SQLite's lock alone. So whoever waits too long, or has no such file,
simply goes on.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 1.0  # seconds; a turn takes a fiftieth
_LOOK = 0.0005  # seconds between two looks
_PLACE, _DOOR = 0, 1  # bytes of the file that are locked; the locks are the process's own, and end with it


class Door:
    """The door to one database file; one thread of a process at a time. `database` is the path that SQLite opens."""

    def __init__(self, database: str | None) -> None:
        # What is no plain path is in memory, or may only be read.
        self._database = database if database and not database.startswith((":", "file:")) else ""
        self._file = -1

    def enter(self) -> None:
        """Come in when it is our turn."""
        if not (self._is_there() or self._open()):
            return
        end = time.monotonic() + PATIENCE
        if self._lock(_PLACE, end):
            self._lock(_DOOR, end)
            self._unlock(_PLACE)

    def leave(self) -> None:
        """Let the next one in; harmless for who did not come in."""
        if self._file >= 0:
            self._unlock(_DOOR)

    def _is_there(self) -> bool:
        """Is the file open, and still the one that others find by its name?"""
        if self._file >= 0 and not os.fstat(self._file).st_nlink:
            os.close(self._file)
            self._file = -1
        return self._file >= 0

    def _open(self) -> bool:
        if not self._database:
            return False
        try:
            owner = Path(self._database).stat()
            self._file = os.open(f"{self._database}-turns", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, owner.st_mode & 0o666)
            if os.geteuid() == 0:  # else the shop's own user could not open what an administrator's command has made
                os.fchown(self._file, owner.st_uid, owner.st_gid)
        except OSError:  # a full disk, a folder that may only be read
            return False
        return True

    def _lock(self, what: int, end: float) -> bool:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, what)
            except (BlockingIOError, PermissionError):  # both words are used for: somebody else has it
                if time.monotonic() > end:
                    return False
                time.sleep(_LOOK)
            except OSError:  # a file system that knows no locks
                return False
            else:
                return True

    def _unlock(self, what: int) -> None:
        with suppress(OSError):
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, what)

"""Keeps some forks of this process alive: who dies is replaced at once."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.serve.processes import die_with_parent

CANNOT_START = 3  # the exit code of a fork that found that it never can
_HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass
class Kind:
    """Forks that do the same: `serve` runs in each, and the fork ends with it."""

    serve: Callable[[], None]
    count: int
    pids: set[int] = field(default_factory=set)


class Forks:
    """Some kinds of forks. At the end one kind after the other is told, and given `grace` seconds for what is under way."""

    def __init__(self, kinds: list[Kind], grace: float) -> None:
        self._kinds, self._grace = kinds, grace

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until a fork cannot start; the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        code = 0
        while not code:
            for kind in self._kinds:
                while len(kind.pids) < kind.count:
                    self._fork(kind)
            if signal.sigwait(_HEARD) != signal.SIGCHLD:
                break
            code = CANNOT_START if CANNOT_START in self._buried() else 0
        end = time.monotonic() + self._grace
        for kind in self._kinds:
            self._end(kind, end)
        return code

    def _fork(self, kind: Kind) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            kind.pids.add(pid)
            return
        code = CANNOT_START
        try:
            die_with_parent(parent)()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            kind.serve()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)  # what the parent had open is not this process's to tidy up

    def _buried(self) -> list[int]:
        """The exit codes of those that have died."""
        codes = []
        for kind in self._kinds:
            for pid in list(kind.pids):
                dead, status = os.waitpid(pid, os.WNOHANG)
                if dead:
                    kind.pids.remove(pid)
                    codes.append(os.waitstatus_to_exitcode(status))
        return codes

    def _end(self, kind: Kind, end: float) -> None:
        _tell(kind, signal.SIGTERM)
        self._buried()
        while kind.pids and (left := end - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
            self._buried()
        _tell(kind, signal.SIGKILL)


def _tell(kind: Kind, number: int) -> None:
    for pid in kind.pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

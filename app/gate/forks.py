"""Keeps some forks of this process alive: who dies is replaced at once."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable

from app.serve.processes import die_with_parent

CANNOT_START = 3  # the exit code of a fork that found that it never can
_HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


class Forks:
    """`serve` runs in each fork, which ends with it; `grace` seconds are given to what is under way when all are to end."""

    def __init__(self, serve: Callable[[], None], count: int, grace: float) -> None:
        self._serve, self._count, self._grace = serve, count, grace
        self._pids: set[int] = set()

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until a fork cannot start; the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        code = 0
        while not code:
            while len(self._pids) < self._count:
                self._fork()
            if signal.sigwait(_HEARD) != signal.SIGCHLD:
                break
            code = CANNOT_START if CANNOT_START in self._buried() else 0
        self._end()
        return code

    def _fork(self) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._pids.add(pid)
            return
        code = CANNOT_START
        try:
            die_with_parent(parent)()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            self._serve()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)  # what the parent had open is not this process's to tidy up

    def _buried(self) -> list[int]:
        """The exit codes of those that have died."""
        codes = []
        for pid in list(self._pids):
            dead, status = os.waitpid(pid, os.WNOHANG)
            if dead:
                self._pids.remove(pid)
                codes.append(os.waitstatus_to_exitcode(status))
        return codes

    def _end(self) -> None:
        self._tell(signal.SIGTERM)
        end = time.monotonic() + self._grace
        while self._pids and (left := end - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
            self._buried()
        self._tell(signal.SIGKILL)

    def _tell(self, number: int) -> None:
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

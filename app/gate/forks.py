"""Keeps some forks of this process alive: who dies is replaced at once, unless it was born a moment ago."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.serve.processes import be_called, die_with_parent, share_arenas

CANNOT_START = 3  # the exit code of a fork that found that it never can
REST = 0.5  # seconds from one birth to the next of who does not live: the machine has something else to do
_LONG = 3600.0
_HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass
class Kind:
    """Forks that do the same: `serve` runs in each, and the fork ends with it. Nobody needs one that is `apart` to finish."""

    name: str
    serve: Callable[[], None]
    count: int
    apart: bool = False
    born: dict[int, float] = field(default_factory=dict)  # by process id
    due: float = 0.0


class Forks:
    """Some kinds of forks. At the end one kind after the other is told, those apart at once, and all have `grace` seconds."""

    def __init__(self, kinds: list[Kind], grace: float) -> None:
        self._kinds, self._grace = kinds, grace

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until a fork cannot start; the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        share_arenas()
        code = 0
        while not code:
            heard = signal.sigtimedwait(_HEARD, self._complete())
            if heard is not None and heard.si_signo != signal.SIGCHLD:
                break
            code = CANNOT_START if CANNOT_START in self._buried() else 0
        end = time.monotonic() + self._grace
        for kind in self._kinds:
            if kind.apart:
                _tell(kind, signal.SIGTERM)
        for kind in self._kinds:
            self._end(kind, end)
        return code

    def _complete(self) -> float:
        """Fork whoever is missing and due; seconds until somebody else is due."""
        now, patience = time.monotonic(), _LONG
        for kind in self._kinds:
            while len(kind.born) < kind.count and kind.due <= now:
                self._fork(kind)
            if len(kind.born) < kind.count:
                patience = min(patience, kind.due - now)
        return patience

    def _fork(self, kind: Kind) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            kind.born[pid] = time.monotonic()
            return
        code = CANNOT_START
        try:
            die_with_parent(parent)()
            be_called(f"runout-{kind.name}")
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
            for pid in list(kind.born):
                dead, status = os.waitpid(pid, os.WNOHANG)
                if dead:
                    kind.due = kind.born.pop(pid) + REST
                    codes.append(os.waitstatus_to_exitcode(status))
        return codes

    def _end(self, kind: Kind, end: float) -> None:
        _tell(kind, signal.SIGTERM)
        self._buried()
        while kind.born and (left := end - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
            self._buried()
        _tell(kind, signal.SIGKILL)


def _tell(kind: Kind, number: int) -> None:
    for pid in kind.born:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

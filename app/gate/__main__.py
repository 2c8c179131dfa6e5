"""`python -m app.gate wsgi:app --fd 5`: a front on a socket that listens, the processes behind it, and who keeps them alive.

The application is loaded once, before the others are forked: they share its pages, and one that died is replaced at once. The
worker is one of them, where it is wanted. A reload starts all of this anew beside the old, so new code never mixes with old.
"""

import argparse
import asyncio
import contextlib
import importlib
import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from app.gate.back import PRINT, Back
from app.gate.bare import Bare
from app.gate.behind import Behind, Gone
from app.gate.forks import Forks, Kind
from app.gate.gate import Gate
from app.gate.lanes import Lanes
from app.gate.listening import Answering, serve

HEADER_SECONDS = 15.0  # for the headers of a request to come in, and for the next one on a line that stays open


class Shop:
    """One shop's front and backs."""

    def __init__(self, wanted: argparse.Namespace, folder: str) -> None:
        self._wanted, self._path = wanted, f"{folder}/backs"
        self._app = _load(wanted.app)
        self._extensions: dict[str, Any] = getattr(self._app, "extensions", {})
        if first := self._extensions.get("runout_first"):
            first()  # what each of them would do for itself, in memory of its own
        self._doorman = self._extensions.get("runout_doorman") or Bare()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self._path)
        self._listener.listen(1024)

    def run(self) -> int:
        """Until SIGTERM; the exit code."""
        kinds = [Kind("front", self._front, 1), Kind("web", self._back, self._wanted.processes)]
        if self._wanted.worker:
            kinds.append(Kind("worker", self._work, 1, apart=True))
        return Forks(kinds, self._wanted.grace).run()

    def _front(self) -> None:
        serve(self._wanted.fd, self._ready, header_seconds=self._wanted.header_seconds)

    async def _ready(self) -> Answering:
        threads = self._wanted.processes * self._wanted.threads
        behind, lanes = Behind(self._path, threads), Lanes(threads)
        await behind.open()
        _herald()
        self._learning = asyncio.create_task(self._learn(behind, lanes))
        return Gate(behind, self._doorman.busy, lanes.door, lanes.of, self._doorman.hops).__call__

    async def _learn(self, behind: Behind, lanes: Lanes) -> None:
        """Have what is told to who must come again printed behind the front, until somebody has lived to do it."""
        while True:
            with contextlib.suppress(Gone):
                async with lanes.door.place(lanes.held):
                    self._doorman.learn(await behind.ask((PRINT, None)))
                return
            await asyncio.sleep(1)

    def _work(self) -> None:
        os.close(self._wanted.fd)
        self._extensions["runout_worker"]()

    def _back(self) -> None:
        os.close(self._wanted.fd)  # a front that died must not leave visitors with somebody who never accepts them
        if beside := self._extensions.get("runout_beside"):
            threading.Thread(target=beside, daemon=True).start()
        Back(self._app, self._listener, self._wanted.threads, self._doorman).run()


def main(words: list[str]) -> int:
    """Serve until SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(prog="app.gate")
    parser.add_argument("app", help="module:name of a WSGI application")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--processes", type=int, default=1, help="behind the front")
    parser.add_argument("--threads", type=int, default=16, help="of each")
    parser.add_argument("--worker", action="store_true", help="and the application's worker beside them")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds for what is under way at the end")
    parser.add_argument("--header-seconds", type=float, default=HEADER_SECONDS)
    wanted = parser.parse_args(words)
    sys.path.insert(0, str(Path.cwd()))
    with tempfile.TemporaryDirectory(prefix="runout-") as folder:
        return Shop(wanted, folder).run()


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _herald() -> None:
    """Say to the supervisor that all answer."""
    if fd := os.environ.get("RUNOUT_READY_FD"):
        with contextlib.suppress(OSError):  # nobody waits for a front that was started again later
            os.write(int(fd), b"1\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

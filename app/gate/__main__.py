"""`python -m app.gate wsgi:app --fd 5`: web processes on a socket that listens already, and one that keeps them alive."""

import argparse
import contextlib
import importlib
import os
import sys
import threading
from pathlib import Path
from typing import Any

from app.gate.bare import Bare
from app.gate.forks import Forks
from app.gate.gate import Gate
from app.gate.lanes import Lanes
from app.gate.listening import serve

HEADER_SECONDS = 15.0  # for the headers of a request to come in, and for the next one on a line that stays open


def main(words: list[str]) -> int:
    """Serve until SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(prog="app.gate")
    parser.add_argument("app", help="module:name of a WSGI application")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--grace", type=float, default=10.0, help="seconds for what is under way at the end")
    parser.add_argument("--header-seconds", type=float, default=HEADER_SECONDS)
    parser.add_argument("--preload", action="store_true", help="load the application once, before the processes are forked")
    wanted = parser.parse_args(words)
    sys.path.insert(0, str(Path.cwd()))
    if wanted.preload:
        _load(wanted.app)
    return Forks(lambda: _serve(wanted), wanted.processes, wanted.grace).run()


def _serve(wanted: argparse.Namespace) -> None:
    app = _load(wanted.app)
    extensions = getattr(app, "extensions", {})
    lanes = Lanes(wanted.threads)
    gate = Gate(app, extensions.get("runout_doorman") or Bare(), lanes.door, lanes.of)
    _herald(wanted.processes)
    if beside := extensions.get("runout_beside"):
        threading.Thread(target=beside, daemon=True).start()
    serve(wanted.fd, gate.__call__, header_seconds=wanted.header_seconds)


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _herald(processes: int) -> None:
    """Say to the supervisor that this process answers."""
    if fd := os.environ.get("RUNOUT_READY_FD"):
        with contextlib.suppress(OSError):  # nobody waits for a process that was started again later
            os.write(int(fd), f"{processes}\n".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

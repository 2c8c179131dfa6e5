"""Programs of their own in one folder: started, watched, ended; whoever is killed leaves none behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from app.serve.demo_env import for_child
from app.serve.processes import die_with_parent, end_group

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0  # seconds for a program to come up on a busy machine
DEPLOYED = (
    "app",
    "templates",
    "migrations",
    "wsgi.py",
    "pyproject.toml",
)  # what a shop needs of the repository
_AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.execve(sys.argv[2], sys.argv[2:], {**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})
"""
T = TypeVar("T")


class Programs:
    """What runs in a folder, by name; each writes into `<name>.log` there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, argv: Iterable[str], env: dict[str, str], fds: tuple[int, ...] = ()) -> None:
        """Start a program in the folder, in a session of its own."""
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                list(argv), cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=fds,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - a killed test process must leave no shop behind
            )  # fmt: skip

    def runs(self, name: str) -> bool:
        """Was it started, and does it still run?"""
        return name in self._running and self._running[name].poll() is None

    def pid(self, name: str) -> int:
        """The process id of a running program."""
        return self._running[name].pid

    def signal(self, name: str, number: int) -> None:
        """Send a running program a signal."""
        self._running[name].send_signal(number)

    def end(self, name: str, patience: float = 5) -> None:
        """Ask it to stop, then see to it that it has, with all its children in its group; harmless when it never ran."""
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        end_group(process)
        process.wait()

    def stop(self) -> None:
        """End every program."""
        for process in self._running.values():
            process.terminate()
        for name in list(self._running):
            self.end(name)

    def wrote(self, name: str) -> str:
        """Everything that a program has written."""
        return self._log(name).read_text(errors="replace") if self._log(name).exists() else ""

    def report(self) -> str:
        """The ends of what the programs wrote, for a failure."""
        return "\n".join(f"--- {log.stem}\n{self.wrote(log.stem)[-3000:]}" for log in sorted(self.folder.glob("*.log")))

    def until(self, true: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
        """Wait for something that the programs do; AssertionError with their words when it does not come, or one has ended."""
        end = time.monotonic() + patience
        while not (found := true()):
            dead = [name for name, process in self._running.items() if process.poll() is not None]
            late = time.monotonic() > end
            assert not dead + ["late"] * late, f"{what} did not come up; ended: {dead}\n{self.report()}"
            time.sleep(0.05)
        return found

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def as_systemd(held: int, argv: Iterable[str]) -> tuple[str, ...]:
    """The command line of a program that is handed a socket which somebody else holds, as systemd does it."""
    return (sys.executable, "-c", _AS_SYSTEMD, str(held), *argv)


def environment(settings: dict[str, str]) -> dict[str, str]:
    """The whole environment of a program; it runs in its own folder, so the repository must be found by name."""
    return for_child(settings, os.environ) | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

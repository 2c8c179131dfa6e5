"""Says which children run and with which arguments: pure values, nothing is started here."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

GRACEFUL_SECONDS = 10  # what the web server gives running requests; the supervisor's own grace is longer

READY_FD = "RUNOUT_READY_FD"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Child:
    """One program to keep alive: its name for people, its arguments, and what it needs beyond them."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # in place of, not on top of, the parent's
    fds: tuple[int, ...] = ()
    heralds: bool = False  # do its processes say that they answer, on the descriptor in READY_FD?


def flask_argv(*words: str) -> tuple[str, ...]:
    """The command line of a `flask` command, independent of where the virtual environment was moved to."""
    return (sys.executable, "-m", "flask", "--app", "wsgi", *words)


def shop(fd: int, *, processes: int, threads: int, env: Mapping[str, str], app: str = "wsgi:app", worker: bool = False) -> Child:
    """The web server on an already listening socket; with the worker, the process that takes outbox rows and due work."""
    argv = (
        *(sys.executable, "-m", "app.gate", app, "--fd", str(fd)),
        *("--processes", str(processes), "--threads", str(threads), "--grace", str(GRACEFUL_SECONDS)),
        *(("--worker",) if worker else ()),
    )
    return Child("shop", argv, env, (fd,), heralds=True)


def web_processes(database_url: str, wanted: int) -> int:
    """How many web processes: SQLite is fair and fast with exactly one, PostgreSQL takes what was asked for."""
    return 1 if database_url.startswith("sqlite") else max(1, wanted)

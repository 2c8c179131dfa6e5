"""Says which children run and with which arguments: pure values, nothing is started here."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

GRACEFUL_SECONDS = 10  # what gunicorn gives running requests; the supervisor's own grace is longer

# One request may stand in front of a slow payment call; a thread that is silent for longer than this is stuck.
REQUEST_SECONDS = 60

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


def shop(fd: int, *, processes: int, threads: int, env: Mapping[str, str], scratch: Path | None = None) -> Child:
    """The web server on an already listening socket; `scratch` holds gunicorn's heartbeat files."""
    argv = [
        *(sys.executable, "-m", "gunicorn", "wsgi:app"),
        *("--config", str(ROOT / "gunicorn.conf.py"), "--bind", f"fd://{fd}"),
        *("--workers", str(processes), "--threads", str(threads)),
        *("--timeout", str(REQUEST_SECONDS), "--graceful-timeout", str(GRACEFUL_SECONDS), "--keep-alive", "5"),
        "--no-control-socket",  # it would write into the home folder
        "--forwarded-allow-ips=",  # trusted proxy hops are the app's business alone
        *("--log-level", "warning"),
    ]
    if scratch is not None:
        argv += ["--worker-tmp-dir", str(scratch)]
    return Child("shop", tuple(argv), env, (fd,), heralds=True)


def worker(env: Mapping[str, str]) -> Child:
    """The process that takes outbox rows and due work."""
    return Child("worker", flask_argv("work"), env)


def web_processes(database_url: str, wanted: int) -> int:
    """How many web processes: SQLite is fair and fast with exactly one, PostgreSQL takes what was asked for."""
    return 1 if database_url.startswith("sqlite") else max(1, wanted)

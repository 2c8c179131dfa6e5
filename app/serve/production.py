"""`flask serve`: shop and worker on one machine, from settings that somebody else has checked, and checks again to reload."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.serve.plan import Child, shop, web_processes
from app.serve.ports import inherited, listen
from app.serve.supervisor import Supervisor, to_stderr


@dataclass(frozen=True)
class Size:
    """How much web server is wanted, and for which database."""

    database_url: str
    processes: int
    threads: int


def serve(
    *,
    host: str,
    port: int,
    root: Path,
    size: Callable[[], Size],
    with_worker: bool = True,
    say: Callable[[str], None] = to_stderr,
) -> int:
    """Listen on host:port, or where systemd listens for us, and keep shop and worker alive until stopped; returns the exit code.

    `root` is the folder with wsgi.py. The children inherit this process's environment. SIGHUP renews them, with the code and the
    size of that moment, unless `size` raises ValueError. Raises PortTaken.
    """

    def plan() -> tuple[Child, ...]:
        wanted, env = size(), dict(os.environ)
        count = web_processes(wanted.database_url, wanted.processes)
        if count < wanted.processes:
            say(f"SQLite is served by one web process: WEB_PROCESSES={wanted.processes} waits for PostgreSQL")
        return (shop(sock.fileno(), processes=count, threads=wanted.threads, env=env, worker=with_worker),)

    with inherited() or listen(host, port) as sock:
        children = plan()
        say(f"listening on {'{}:{}'.format(*sock.getsockname())}")
        # Who closes a terminal means the end, by the same signal.
        return Supervisor(children, root, say=say).run(afresh=None if os.isatty(0) else plan)

"""`flask serve`: shop and worker on one machine, from settings that somebody else has already checked."""

import os
from collections.abc import Callable
from pathlib import Path

from app.serve.plan import shop, web_processes, worker
from app.serve.ports import listen
from app.serve.supervisor import Supervisor, to_stderr


def serve(
    *,
    host: str,
    port: int,
    database_url: str,
    processes: int,
    threads: int,
    root: Path,
    with_worker: bool = True,
    say: Callable[[str], None] = to_stderr,
) -> int:
    """Listen on host:port and keep shop and worker alive until stopped; returns the exit code, raises PortTaken.

    `root` is the folder with wsgi.py. The children inherit this process's environment.
    """
    count = web_processes(database_url, processes)
    if count < processes:
        say(f"SQLite is served by one web process: WEB_PROCESSES={processes} waits for PostgreSQL")
    with listen(host, port) as sock:
        env = dict(os.environ)
        children = (
            shop(sock.fileno(), processes=count, threads=threads, env=env),
            *((worker(env),) if with_worker else ()),
        )
        say(f"listening on {host}:{port}, {count} x {threads} threads")
        return Supervisor(children, root, say=say).run()

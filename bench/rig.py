"""The shop as it is deployed, on a durable database, with what is measured of it; and floors behind the same web server."""

import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from app.kernel.db import gather_statistics
from app.serve.plan import shop
from app.serve.ports import listen
from app.settings import Settings
from bench import processes
from faults.rig import POSTGRES, SQLITE, Rig, children
from tests.browser.running import HOST
from tests.postgres import TempPostgres
from tests.programs import environment

__all__ = ["POSTGRES", "SQLITE", "FloorServer", "Shop"]

THREADS = Settings.web_threads
CALM, CALM_AFTER = 0.1, 300.0  # seconds of CPU in one; seconds
WEB = {SQLITE: 1, POSTGRES: 2}  # web processes, as docs/operations recommends for two cores


class Shop(Rig):
    """One shop under its supervisor, as in production. Its clock can be moved only where `clocked`, as that costs a file a look."""

    def __init__(
        self, folder: Path, kind: str, database_url: str | None = None, *, server: TempPostgres | None = None,
        more: Mapping[str, str] | None = None, processes: int | None = None, clocked: bool = False, patches: Iterable[str] = (),
    ) -> None:  # fmt: skip
        settings = {"ENVIRONMENT": "production", "WEB_THREADS": str(THREADS), "TRUSTED_HOPS": "1", **(more or {})}
        super().__init__(
            folder, kind, database_url, server=server, more=settings, processes=processes or WEB[kind], patches=patches
        )  # fmt: skip
        self.clocked = clocked

    @property
    def env(self) -> dict[str, str]:
        """The environment of the shop."""
        return {name: value for name, value in super().env.items() if self.clocked or name != "CLOCK_OFFSET_FILE"}

    @property
    def host(self) -> str:
        """What requests name as their host."""
        return f"{HOST}:{self.port}"

    def web_tree(self) -> list[int]:
        """The web server's master and everything forked from it, the worker included."""
        return [pid for master in children(self.programs.pid("shop")) for pid in processes.tree(master)]

    def whole_tree(self) -> list[int]:
        """The supervisor and everything below it."""
        return processes.tree(self.programs.pid("shop"))

    def database_cpu(self) -> float:
        """CPU seconds of the PostgreSQL server so far; 0 on SQLite, which is a part of the shop."""
        return processes.cpu(processes.tree(self.server.pid)) if self.server else 0.0

    def web_cpu(self) -> float:
        """CPU seconds of the web server so far."""
        return processes.cpu(self.web_tree())

    def whole_cpu(self) -> float:
        """CPU seconds of everything of the shop so far."""
        return processes.cpu(self.whole_tree())

    def memory(self) -> float:
        """MB of all processes of the shop."""
        return processes.memory(self.whole_tree())

    def flush(self) -> None:
        """Let PostgreSQL write and forget what is behind it, so that no step pays for the last one."""
        if self.server:
            with self.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
                connection.exec_driver_sql("CHECKPOINT")
        gather_statistics(self.db)  # as the worker does each hour

    def rest(self) -> None:
        """Wait until the shop does next to nothing: a worker that has just started checks all that there is."""
        end = time.monotonic() + CALM_AFTER
        used, before = CALM, 0.0
        while used >= CALM and time.monotonic() < end:
            now = self.whole_cpu() + self.database_cpu()
            used, before = now - before, now
            time.sleep(1)  # what is looked at


@dataclass(frozen=True)
class FloorServer:
    """A floor that is being served."""

    port: int
    pid: int

    def cpu(self) -> float:
        """CPU seconds of its web server so far."""
        return processes.cpu(processes.tree(self.pid))


@contextmanager
def static(rig: Shop, name: str, answers: Path, look: str) -> Iterator[FloorServer]:
    """The shop's web server, and answers that are ready; `look` is the path of one."""
    with _serving(rig, name, look, lambda fd: (sys.executable, "-m", "bench.floor", str(answers), str(fd)), {}) as up:
        yield up


@contextmanager
def serving(rig: Shop, name: str, app: str, look: str, more: Mapping[str, str]) -> Iterator[FloorServer]:
    """Another application behind the same web server with the same arguments; `look` is a path that answers once it is up."""

    def argv(fd: int) -> tuple[str, ...]:
        return shop(fd, processes=rig.processes, threads=THREADS, env={}, app=app).argv

    with _serving(rig, name, look, argv, {"WEB_THREADS": str(THREADS), **more}) as up:
        yield up


@contextmanager
def _serving(
    rig: Shop, name: str, look: str, argv: Callable[[int], tuple[str, ...]], more: Mapping[str, str]
) -> Iterator[FloorServer]:  # fmt: skip
    sock = listen(HOST, 0)
    try:
        fd, port = sock.fileno(), sock.getsockname()[1]
        rig.programs.start(name, argv(fd), environment({**more}), (fd,))
        rig.programs.until(lambda: _answers(port, look), f"the floor {name}")
        yield FloorServer(port, rig.programs.pid(name))
    finally:
        rig.programs.end(name, patience=15)
        sock.close()


def _answers(port: int, path: str) -> bool:
    try:
        return requests.get(f"http://{HOST}:{port}{path}", timeout=5).status_code < 600
    except requests.RequestException:
        return False


def start_seconds(rig: Shop) -> float:
    """Seconds from the start of the web server with one process until it has answered."""
    sock = listen(HOST, 0)
    try:
        child = shop(sock.fileno(), processes=1, threads=THREADS, env=rig.env)
        begun = time.monotonic()
        rig.programs.start("fresh", child.argv, rig.env, child.fds)
        with socket.create_connection(sock.getsockname(), timeout=60) as line:
            line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {rig.host}\r\nConnection: close\r\n\r\n".encode())
            if not line.recv(100).startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"a fresh web process does not answer\n{rig.said()}")
        return time.monotonic() - begun
    finally:
        rig.programs.end("fresh", patience=15)
        sock.close()

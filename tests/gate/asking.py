"""A front in this process, before any WSGI application: what a visitor sends and is told, without sockets."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from app.gate import wsgi
from app.gate.back import KEEP, NOTE
from app.gate.bare import Bare
from app.gate.behind import Gone
from app.gate.gate import Gate
from app.gate.lanes import Lanes
from app.gate.wsgi import Asked

Told = tuple[int, dict[str, str], bytes]


def run(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play in a thread of its own: another loop may run in this one already, as Playwright's does."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(play())).result()


class Head(dict[str, str]):
    """The headers of a request, as granian has them."""


@dataclass
class Scope:
    """A request, as granian has it."""

    method: str
    path: str
    headers: Head
    query_string: str = ""
    scheme: str = "http"
    server: str = "127.0.0.1:5000"
    client: str = "127.0.0.1:9"
    http_version: str = "1.1"


@dataclass
class Proto:
    """The visitor's line."""

    body: bytes = b""
    told: Told | None = None

    async def __call__(self) -> bytes:
        return self.body

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.told = (status, {name.lower(): value for name, value in headers}, body)


@dataclass
class InProcess:
    """Stands for the processes behind: asks the application at once, or as slowly as `slow` says. `gone`: they die."""

    app: wsgi.WSGIApp
    slow: float = 0.0
    gone: bool = False
    asked: int = 0
    noted: list[Any] = field(default_factory=list)

    async def ask(self, value: Any) -> Any:
        kind, what = value
        if kind == NOTE:
            self.noted += what
            return None
        self.asked += 1
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.gone:
            raise Gone
        environ = wsgi.environ(Asked(*what))
        answer = await asyncio.to_thread(wsgi.ask, self.app, environ)
        return (answer.status, answer.headers, answer.body, answer.file, answer.part), environ.get(KEEP)


class Front:
    """A gate with so many threads behind it."""

    def __init__(self, app: wsgi.WSGIApp, *, threads: int = 8, house: Any = None) -> None:
        self.behind, lanes = InProcess(app), Lanes(threads)
        self.lanes = lanes
        self.gate = Gate(self.behind, (house or Bare()).busy, lanes.door, lanes.of)  # type: ignore[arg-type]  # stands for Behind

    async def ask(self, method: str, path: str, body: bytes = b"", client: str = "127.0.0.1:9", **headers: str) -> Told:
        """One request, and what it was told; header names with _ for -."""
        head = Head({name.replace("_", "-"): value for name, value in headers.items()})
        if body:
            head |= {"content-length": str(len(body)), "content-type": "application/x-www-form-urlencoded"}
        proto = Proto(body)
        path, _, query = path.partition("?")
        await self.gate(Scope(method, path, head, query, client=client), proto)
        assert proto.told is not None
        return proto.told

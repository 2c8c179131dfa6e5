"""Granian on a socket that somebody else holds. Its own command line can listen only by itself, and would end with its children."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from granian._futures import _future_watcher_wrapper, _new_cbscheduler
from granian._granian import RSGIWorker, SocketHolder, WorkerSignal
from granian.constants import HTTPModes
from granian.http import HTTP1Settings

Answering = Callable[[Any, Any], Awaitable[None]]
BACKLOG = 2048
HEAR_OUT = 0.5  # seconds at the end for requests that were on their way
CONNECTIONS = 16_384  # one per fan who waits; they cost little here, and the door behind decides who is served
_PLAIN: tuple[Any, ...] = (False, None, None, None, "tls1.3", None, [], False)  # TLS is the proxy's
_UNMEASURED = (None, None)


def serve(fd: int, ready: Callable[[], Awaitable[Answering]], *, header_seconds: float) -> None:
    """Serve HTTP/1 until SIGTERM or SIGINT, with what `ready` gives once all is; whoever is being answered then is answered."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    answer = loop.run_until_complete(ready())
    over, stop, leaving = asyncio.Event(), WorkerSignal(), asyncio.Event()

    async def heard(scope: Any, proto: Any) -> None:
        await answer(scope, _Last(proto) if leaving.is_set() else proto)

    stop.add_cb(lambda: loop.call_soon_threadsafe(over.set))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _leave, loop, fd, leaving, stop)
    http = HTTP1Settings(header_read_timeout=int(header_seconds * 1000))
    worker = RSGIWorker(
        *(1, (None, SocketHolder(fd, uds=False, backlog=BACKLOG)), None, 1, 8, 1, 30, CONNECTIONS),
        *(HTTPModes.http1, http, None, False, None, *_PLAIN, _UNMEASURED),
    )
    worker.serve_str(_new_cbscheduler(loop, _future_watcher_wrapper(heard), impl_asyncio=True), loop, stop)
    loop.run_until_complete(over.wait())


class _Last:
    """A visitor's line on which nothing more will be heard after this answer."""

    def __init__(self, proto: Any) -> None:
        self._proto = proto

    async def __call__(self) -> bytes:
        return bytes(await self._proto())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return cast("AsyncIterator[bytes]", aiter(self._proto))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answer = getattr(self._proto, name)
        return lambda status, headers, *more: answer(status, [*headers, ("Connection", "close")], *more)


def _leave(loop: asyncio.AbstractEventLoop, fd: int, leaving: asyncio.Event, stop: Any) -> None:
    """Accept nobody more, hear those out who were accepted already, and end."""
    leaving.set()
    _turn_away(fd)
    loop.call_later(HEAR_OUT, stop.set)


def _turn_away(fd: int) -> None:
    """Put a socket to which nobody can connect in the place of the one that others go on listening on.

    Granian stops accepting only together with all else, and a visitor who was accepted in that moment would get no answer.
    """
    inode = os.fstat(fd).st_ino
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        deaf.settimeout(0)
        for path in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.fstat(int(path.name)).st_ino == inode:
                    os.dup2(deaf.fileno(), int(path.name))

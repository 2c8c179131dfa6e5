"""Granian on a socket that somebody else holds. Its own command line can listen only by itself, and would end with its children."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from granian._futures import _future_watcher_wrapper, _new_cbscheduler
from granian._granian import RSGIWorker, SocketHolder
from granian._signals import set_loop_signals
from granian.constants import HTTPModes
from granian.http import HTTP1Settings

Answering = Callable[[Any, Any], Awaitable[None]]
BACKLOG = 2048
CONNECTIONS = 16_384  # one per fan who waits; they cost little here, and the door behind decides who is served
_PLAIN: tuple[Any, ...] = (False, None, None, None, "tls1.3", None, [], False)  # TLS is the proxy's
_UNMEASURED = (None, None)


def serve(fd: int, ready: Callable[[], Awaitable[Answering]], *, header_seconds: float) -> None:
    """Serve HTTP/1 until SIGTERM or SIGINT, with what `ready` gives once all is; whoever is being answered then is answered."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    answer = loop.run_until_complete(ready())
    over = asyncio.Event()
    stop = set_loop_signals(loop)
    stop.add_cb(lambda: loop.call_soon_threadsafe(over.set))
    http = HTTP1Settings(header_read_timeout=int(header_seconds * 1000))
    worker = RSGIWorker(
        *(1, (None, SocketHolder(fd, uds=False, backlog=BACKLOG)), None, 1, 8, 1, 30, CONNECTIONS),
        *(HTTPModes.http1, http, None, False, None, *_PLAIN, _UNMEASURED),
    )
    worker.serve_str(_new_cbscheduler(loop, _future_watcher_wrapper(answer), impl_asyncio=True), loop, stop)
    loop.run_until_complete(over.wait())

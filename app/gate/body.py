"""What a visitor sends. Only the front waits for it: a process behind it has all of a request at once."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHORT = 64 * 1024  # bytes that are kept in memory
LONG = 16 * 1024 * 1024  # bytes that the desk may put up; more is not read, and the application refuses it by its length
PATIENCE = 15.0  # seconds for a short body, or for the next part of a long one
UPLOADS = 4  # at a time


class Slow(Exception):
    """The body did not come in time."""


@dataclass(frozen=True)
class Body:
    """What came: its bytes, or the `file` that holds them, which whoever reads it removes."""

    content: bytes = b""
    file: str = ""


NOTHING = Body()


class Bodies:
    """Reads bodies, long ones a few at a time. Who is late is found by a look at all of them, as a clock for each would cost."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(UPLOADS)
        self._since: dict[asyncio.Task[Any], float] = {}
        self._watch: asyncio.TimerHandle | None = None

    async def read(self, proto: Any, path: str, length: str | None) -> Body:
        """The body of a request of `length` bytes; nothing of one that says no length, or a wrong one. Raises Slow."""
        size = int(length) if length is not None and length.isascii() and length.isdigit() else 0
        if 0 < size <= SHORT:
            return Body(bytes(await self._in_time(proto())))
        if SHORT < size <= LONG and path.startswith("/staff/"):
            async with self._room:
                return Body(file=await self._kept(proto))
        return NOTHING

    async def _in_time(self, part: Awaitable[bytes]) -> bytes:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - narrows: a coroutine of granian's always has one
        self._since[task] = loop.time()
        if self._watch is None:
            self._watch = loop.call_later(1.0, self._look, loop)
        try:
            return await part
        except asyncio.CancelledError as late:
            if task in self._since:  # somebody else's doing
                raise
            raise Slow from late
        finally:
            self._since.pop(task, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up those who have waited too long."""
        before = loop.time() - PATIENCE
        for task in [task for task, since in self._since.items() if since < before]:
            del self._since[task]
            task.cancel()
        self._watch = loop.call_later(1.0, self._look, loop) if self._since else None

    async def _kept(self, proto: Any) -> str:
        fd, name = tempfile.mkstemp(prefix="runout-upload-")
        parts = aiter(proto)
        try:
            with os.fdopen(fd, "wb") as file:
                while part := await self._in_time(anext(parts, b"")):
                    file.write(part)
        except BaseException:
            Path(name).unlink()
            raise
        return name

"""What a visitor sends: read before a thread is taken where it is short, and while it is read where it is long."""

import asyncio
from typing import Any

from app.gate.wsgi import LARGEST

PATIENCE = 15.0  # seconds for a short body, or for the next part of a long one


class Slow(Exception):
    """The body did not come in time."""


async def read(proto: Any, length: str | None, *, chunked: bool) -> "bytes | Long":
    """The body of a request; raises Slow. Nobody waits for one that is short and slow but this coroutine."""
    if length is None and not chunked:
        return b""
    if length is not None and length.isdigit() and int(length) <= LARGEST:
        try:
            async with asyncio.timeout(PATIENCE):
                return bytes(await proto())
        except TimeoutError as late:
            raise Slow from late
    return Long(proto)


class Long:
    """A body for a thread to read, such as a picture that is put up; only who may do that ever has it read."""

    def __init__(self, proto: Any) -> None:
        self._loop = asyncio.get_running_loop()
        self._parts = aiter(proto)
        self._rest = b""
        self._over = False

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all of them; TimeoutError when the next part does not come."""
        while not self._over and (size < 0 or len(self._rest) < size):
            part = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result(PATIENCE)
            self._over = not part
            self._rest += part
        found, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return found

    def readline(self, size: int = -1) -> bytes:
        """For who reads by lines."""
        line = b""
        while (size < 0 or len(line) < size) and not line.endswith(b"\n") and (sign := self.read(1)):
            line += sign
        return line

    async def _next(self) -> bytes:
        return await anext(self._parts, b"")

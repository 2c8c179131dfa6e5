"""What a visitor sends. Only the front waits for it: a process behind it has all of a request at once."""

import asyncio
import os
import tempfile
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


class Bodies:
    """Reads bodies, long ones a few at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(UPLOADS)

    async def read(self, proto: Any, path: str, length: str | None) -> Body:
        """The body of a request of `length` bytes; nothing of one that says no length, or a wrong one. Raises Slow."""
        size = int(length) if length is not None and length.isdigit() else 0
        try:
            if 0 < size <= SHORT:
                async with asyncio.timeout(PATIENCE):
                    return Body(bytes(await proto()))
            if SHORT < size <= LONG and path.startswith("/staff/"):
                async with self._room:
                    return Body(file=await _kept(proto))
        except TimeoutError as late:
            raise Slow from late
        return Body()


async def _kept(proto: Any) -> str:
    fd, name = tempfile.mkstemp(prefix="runout-upload-")
    parts = aiter(proto)
    try:
        with os.fdopen(fd, "wb") as file:
            while True:
                async with asyncio.timeout(PATIENCE):
                    part = await anext(parts, b"")
                if not part:
                    return name
                file.write(part)
    except BaseException:
        Path(name).unlink()
        raise

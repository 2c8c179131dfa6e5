"""The front's lines to the processes behind it: one request at a time on each, the least busy process first."""

import asyncio
import marshal
from collections import Counter, deque
from typing import Any

from app.gate import frames


class Gone(Exception):
    """The process died with the request in its hands: nobody can say what became of it."""


class Line(asyncio.Protocol):
    """One line. `back` is the id of the process at the other end."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.back, self.open = 0, True
        self.greeted: asyncio.Future[None] = loop.create_future()
        self._answer: asyncio.Future[Any] | None = None
        self._heard = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is there, though perhaps nobody has taken it yet."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - narrows
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        self._heard += data
        if len(self._heard) < frames.HEAD.size:
            return
        (length,) = frames.HEAD.unpack_from(self._heard)
        if len(self._heard) < frames.HEAD.size + length:
            return
        value = marshal.loads(memoryview(self._heard)[frames.HEAD.size :])  # noqa: S302 - from our own fork
        self._heard = bytearray()
        if not self.greeted.done():
            self.back = value
            self.greeted.set_result(None)
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(value)

    def connection_lost(self, _fault: Exception | None) -> None:
        """Whoever waits is told."""
        self.open = False
        for waiting in (self.greeted, self._answer):
            if waiting is not None and not waiting.done():
                waiting.set_exception(Gone())

    def hang_up(self) -> None:
        """Nobody is to be asked on this line any more."""
        self.open = False
        if self._transport is not None:
            self._transport.close()

    async def ask(self, value: Any) -> Any:
        """The answer to one request; raises Gone."""
        if not self.open or self._transport is None:
            raise Gone
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(frames.pack(value))
        return await self._answer


class Behind:
    """All lines, `most` of them, over a socket at `path` on which every process listens."""

    def __init__(self, path: str, most: int) -> None:
        self._path, self._most = path, most
        self._idle: deque[Line] = deque()
        self._busy: Counter[int] = Counter()

    async def open(self) -> None:
        """Have all lines ready; each is taken by a thread of its own."""
        lines = [await self._connect() for _ in range(self._most)]
        await asyncio.gather(*(line.greeted for line in lines))
        self._idle.extend(lines)

    async def ask(self, value: Any) -> Any:
        """Ask the process that has least to do; raises Gone. There are never more who ask than lines."""
        line = min(self._idle, key=lambda each: self._busy[each.back])
        self._idle.remove(line)
        try:
            if not line.open:  # its process died: the next one takes this line when it is there
                line = await self._connect()
                await line.greeted
            self._busy[line.back] += 1
            try:
                return await line.ask(value)
            except Gone:
                for other in self._idle:  # they may not have heard of it yet, and one of them would be asked next
                    if other.back == line.back:
                        other.hang_up()
                raise
            finally:
                self._busy[line.back] -= 1
        except OSError as fault:
            raise Gone from fault
        finally:
            self._idle.append(line)

    async def _connect(self) -> Line:
        _, line = await asyncio.get_running_loop().create_unix_connection(Line, self._path)
        return line

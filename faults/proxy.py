"""A line to the database that can go dead: a TCP port that passes bytes on, until it stops reading and says nothing any more."""

import asyncio
import contextlib
import threading
from pathlib import Path

_PIECE = 64 * 1024


class Proxy:
    """Passes everything from a port of 127.0.0.1 to a unix socket and back. `stall()` makes it a black hole until `resume()`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self.port = 0

    def start(self) -> "Proxy":
        """Listen on a free port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def stall(self) -> None:
        """Connections stay open and nothing passes; new ones are taken and never answered."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def resume(self) -> None:
        """Everything passes again, what was sent meanwhile included."""
        self._loop.call_soon_threadsafe(self._open.set)

    def stop(self) -> None:
        """Close everything."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._open.set()
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await self._open.wait()
            inner, outer = await asyncio.open_unix_connection(str(self._target))
            try:
                await asyncio.gather(self._pass(reader, outer), self._pass(inner, writer))
            finally:
                outer.close()
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()  # whoever ends it ends both directions, as the database does

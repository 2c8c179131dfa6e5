"""The door between the loop and the threads: who may go in now, who waits in a short line, and who is told to come again."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0  # seconds: a longer line is not joined, as a page that says so is better than one that hangs
_FIRST_GUESS = 0.01  # seconds that a request takes, before any has been seen
_LEARN = 0.05  # how much one request changes that


class Busy(Exception):
    """The line is as long as it may be; `seconds` is when a try makes sense."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"come again in {seconds:.1f} s")
        self.seconds = seconds


@dataclass
class Lane:
    """Requests of one kind: how many may be inside at once, and how many seconds of work may wait."""

    most: int
    patience: float = PATIENCE
    inside: int = 0
    pace: float = _FIRST_GUESS
    line: deque[asyncio.Future[None]] = field(default_factory=deque)

    def wait(self) -> float:
        """Seconds until somebody who came now would be let in."""
        return 0.0 if self.inside < self.most and not self.line else (len(self.line) + 1) * self.pace / self.most


class Door:
    """Some lanes, the most urgent first, over `threads` threads. All bookkeeping happens in the loop's thread."""

    def __init__(self, threads: int, lanes: list[Lane]) -> None:
        self._lanes = lanes
        self._free = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="web")

    async def through(self, lane: Lane, work: Callable[[], T]) -> T:
        """Do a piece of work in a thread when its turn comes; raises Busy at once when the line is too long."""
        loop = asyncio.get_running_loop()
        if self._free and lane.inside < lane.most and not lane.line:
            self._enter(lane)
        else:
            if (wait := lane.wait()) > lane.patience:
                raise Busy(wait)
            turn: asyncio.Future[None] = loop.create_future()
            lane.line.append(turn)
            await turn
        began = loop.time()
        try:
            return await loop.run_in_executor(self._threads, work)
        finally:
            lane.pace += (loop.time() - began - lane.pace) * _LEARN
            lane.inside -= 1
            self._free += 1
            self._next()

    def _enter(self, lane: Lane) -> None:
        lane.inside += 1
        self._free -= 1

    def _next(self) -> None:
        for lane in self._lanes:
            while self._free and lane.inside < lane.most and lane.line:
                turn = lane.line.popleft()
                if not turn.cancelled():
                    self._enter(lane)
                    turn.set_result(None)

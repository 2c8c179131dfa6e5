"""The door to the processes behind the front: who may go in now, who waits in a short line, and who is told to come again."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PATIENCE = 1.0  # seconds: a longer line is not joined, as a page that says so is better than one that hangs
_FIRST_GUESS = 0.01  # seconds that a request takes, before any has been seen
_LEARN = 0.2  # how much one request changes that


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
    paced: bool = False  # is one browser held to what a person can do?
    inside: int = 0
    pace: float = _FIRST_GUESS
    line: deque[asyncio.Future[None]] = field(default_factory=deque)

    def wait(self) -> float:
        """Seconds until somebody who came now would be let in."""
        return 0.0 if self.inside < self.most and not self.line else (len(self.line) + 1) * self.pace / self.most


class Door:
    """Some lanes, the most urgent first, to `room` places. All of it happens in the loop's thread."""

    def __init__(self, room: int, lanes: list[Lane]) -> None:
        self._free, self._lanes = room, lanes

    @asynccontextmanager
    async def place(self, lane: Lane) -> AsyncIterator[None]:
        """A place inside while the block lasts, when its turn comes; raises Busy at once when the line is too long."""
        if self._free and lane.inside < lane.most and not lane.line:
            self._enter(lane)
        else:
            if (wait := lane.wait()) > lane.patience:
                raise Busy(wait)
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lane.line.append(turn)
            await turn
        began = time.perf_counter()
        try:
            yield
        finally:
            lane.pace += (time.perf_counter() - began - lane.pace) * _LEARN
            lane.inside -= 1
            self._free += 1
            self._next()

    def _enter(self, lane: Lane) -> None:
        lane.inside += 1
        self._free -= 1

    def _next(self) -> None:
        for lane in self._lanes:
            while self._free and lane.inside < lane.most and lane.line:
                self._enter(lane)
                lane.line.popleft().set_result(None)

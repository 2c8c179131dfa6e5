"""A lock that serves waiters in the sequence they came, and lets none of them wait behind somebody who is stuck."""

import threading
import time
from collections import deque
from types import TracebackType

PATIENCE = 2.0  # seconds that one may stay inside; a short transaction takes a hundredth of that


class Stuck(Exception):
    """Whoever is inside has been there for too long, so waiting makes no sense."""


class FairLock:
    """Mutual exclusion, first come first served: under a stampede nobody starves behind luckier threads.

    Entering raises Stuck when somebody stays inside for longer than `patience`: were all threads of a process to wait then, it
    could not even be read from any more.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False
        self._since = 0.0
        self._patience = patience

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._begin()
                return
            if self._stuck():
                raise Stuck
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        while not turn.acquire(timeout=self._left()):  # the one who leaves hands the lock over by opening this
            self._stop_waiting(turn)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._guard:
            self._taken = self._next()

    def hand_over(self) -> bool:
        """Let the next one in and leave; False, and still inside, when nobody waits."""
        with self._guard:
            return self._next()

    def _next(self) -> bool:
        if not self._waiting:
            return False
        self._begin()
        self._waiting.popleft().release()
        return True

    def _begin(self) -> None:
        self._taken, self._since = True, time.monotonic()

    def _left(self) -> float:
        """How much longer the one inside may stay, and a little."""
        return max(0.0, self._since + self._patience - time.monotonic()) + 0.01

    def _stuck(self) -> bool:
        return time.monotonic() - self._since > self._patience

    def _stop_waiting(self, turn: threading.Lock) -> None:
        """Raise Stuck unless somebody else is inside by now, or it is our turn in this moment."""
        with self._guard:
            if turn in self._waiting and self._stuck():
                self._waiting.remove(turn)
                raise Stuck

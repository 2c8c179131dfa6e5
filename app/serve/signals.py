"""Turns signals into something a select() can wait for."""

import contextlib
import signal
import socket
from collections.abc import Iterator
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Wishes:
    """How often a stop or a reload was asked for; `wake` becomes readable at every signal, a child's death included."""

    def __init__(self) -> None:
        self.stops = self.reloads = 0
        self.wake, self._write = socket.socketpair()
        self.wake.settimeout(0)
        self._write.settimeout(0)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask for a stop, as a signal handler does."""
        self.stops += 1

    def reload(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask for a reload, as a signal handler does."""
        self.reloads += 1

    def drain(self) -> None:
        """Forget the wake-ups seen so far."""
        with contextlib.suppress(BlockingIOError):
            while self.wake.recv(512):
                pass

    @contextlib.contextmanager
    def listening(self, *, reloading: bool = False) -> Iterator["Wishes"]:
        """Hear SIGINT, SIGTERM, SIGCHLD and, if `reloading`, SIGHUP inside the block; the handlers of before come back after it."""
        handlers = dict.fromkeys(STOPPING, self.stop) | {signal.SIGCHLD: _heard}
        if reloading:
            handlers[signal.SIGHUP] = self.reload
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(fd)
            for number, handler in before.items():
                signal.signal(number, handler)
            self.wake.close()
            self._write.close()


def _heard(_signal: int, _frame: FrameType | None) -> None:
    """A handler that does nothing: having one is what makes the wake-up byte be written."""

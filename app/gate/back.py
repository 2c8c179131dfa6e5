"""A process behind the front: threads that each take one line to it, and ask the application whatever comes on it."""

import contextlib
import os
import signal
import socket
import threading
import traceback
from typing import Any, Protocol

from app.gate import frames, wsgi
from app.gate.wsgi import Asked, WSGIApp

KEEP = "runout.keep"  # in the environment: the route, and for how many seconds the answer is the same for all who ask the same
NOTE = "note"  # what the front answered by itself, to be logged and counted
PRINT = "print"  # the pages that it tells who has to come again
_FAULT = (500, [("Content-Type", "text/plain; charset=utf-8")], b"Something broke on our side. Please try again.\n", "", None)


class Doorman(Protocol):
    """Speaks for the application at its gate."""

    def note(self, noted: Any) -> None:
        """Log and count."""

    def pages(self) -> Any:
        """What is said to who has to come again."""

    def finish(self) -> None:
        """Log and count what waits for that: this process ends."""


class Back:
    """Serves `listener` with so many threads until SIGTERM; what is under way then is finished."""

    def __init__(self, app: WSGIApp, listener: socket.socket, threads: int, doorman: Doorman) -> None:
        self._app, self._listener, self._doorman = app, listener, doorman
        self._threads = [threading.Thread(target=self._run, name=f"web-{n}", daemon=True) for n in range(threads)]
        self._busy = threading.Semaphore(threads)
        self._count, self._over = threads, threading.Event()

    def run(self) -> None:
        """Until told to end."""
        signal.signal(signal.SIGTERM, lambda *_: self._over.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for thread in self._threads:
            thread.start()
        self._over.wait()
        for _ in range(self._count):  # one that has all of them knows that nobody works any more
            self._busy.acquire()
        self._doorman.finish()

    def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError):
                line, _ = self._listener.accept()
                with line:
                    self._serve(line)

    def _serve(self, line: socket.socket) -> None:
        line.sendall(frames.pack(os.getpid()))
        while True:
            asked = frames.receive(line)
            with self._busy:
                line.sendall(frames.pack(self._answer(asked)))

    def _answer(self, asked: Any) -> Any:
        kind, what = asked
        if kind == NOTE:
            self._doorman.note(what)
            return None
        if kind == PRINT:
            return self._doorman.pages()
        try:
            environ = wsgi.environ(Asked(*what))
            answer = wsgi.ask(self._app, environ)
        except Exception:
            traceback.print_exc()
            return _FAULT, None
        return (answer.status, answer.headers, answer.body, answer.file, answer.part), environ.get(KEEP)

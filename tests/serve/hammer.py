"""Clients that never stop asking, and write down every answer that was not what it should have been."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

PATIENCE = 60.0  # seconds a client waits: longer than any start


class Hammer:
    """Some clients open a connection for each request, some keep theirs; `failed` holds what went wrong."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.failed: list[str] = []
        self.answered = 0
        self._stop = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator["Hammer"]:
        """Ask without pause inside the block."""
        clients = [threading.Thread(target=one) for one in (self._fresh, self._fresh, self._kept, self._kept)]
        for client in clients:
            client.start()
        try:
            yield self
        finally:
            self._stop.set()
            for client in clients:
                client.join()

    def more(self, count: int) -> None:
        """Wait until so many more answers have come, good or bad."""
        enough, end = self.answered + len(self.failed) + count, time.monotonic() + PATIENCE
        while self.answered + len(self.failed) < enough:
            assert time.monotonic() < end, "nobody is served any more"
            time.sleep(0.02)

    def _fresh(self) -> None:
        while not self._stop.wait(0.01):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            self._ask(connection)
            connection.close()

    def _kept(self) -> None:
        while not self._stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            while not self._stop.wait(0.01) and self._ask(connection):
                pass
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection) -> bool:
        """One request; False when the connection is not to be used again."""
        try:
            connection.request("GET", self.path)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as fault:
            self.failed.append(repr(fault))
            return False
        if answer.status == 200:
            self.answered += 1
        else:
            self.failed.append(f"{answer.status}")
        return not answer.will_close


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """One request on a connection of its own: status and body."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers=headers or {})
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()

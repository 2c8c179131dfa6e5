"""Asks a starting shop whether it answers yet, without waiting for it."""

import socket
import time

PAUSE = 0.4  # seconds between a wrong answer and the next knock


class Knock:
    """One GET /healthz whose answer is read when it comes; the parent's socket queues it until the shop is up."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._sock: socket.socket | None = None
        self._not_before = 0.0

    def door(self) -> list[socket.socket]:
        """What to wait for: the question under way, or nothing while it is too early for another."""
        if self._sock is None and time.monotonic() >= self._not_before:
            try:
                self._sock = socket.create_connection((self.host, self.port), timeout=1)
                self._sock.sendall(f"GET /healthz HTTP/1.0\r\nHost: {self.host}:{self.port}\r\n\r\n".encode())
            except OSError:
                self.hang_up()
        return [self._sock] if self._sock else []

    def answered(self) -> bool:
        """Is the answer that has come a 200? If not, the next knock is a moment away."""
        try:
            return self._sock is not None and b" 200 " in self._sock.recv(64)
        except OSError:
            return False
        finally:
            self.hang_up()

    def hang_up(self) -> None:
        """Forget the question under way."""
        if self._sock is not None:
            self._sock.close()
        self._sock, self._not_before = None, time.monotonic() + PAUSE

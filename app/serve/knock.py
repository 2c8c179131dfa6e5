"""Asks a starting shop whether it answers yet, without waiting for it."""

import socket


class Knock:
    """One GET /healthz whose answer is read when it comes; the parent's socket queues it until the shop is up."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._sock: socket.socket | None = None

    def fileno(self) -> int:
        """For select(): knocks first if no question is under way."""
        if self._sock is None:
            self._sock = socket.create_connection((self.host, self.port), timeout=1)
            self._sock.sendall(f"GET /healthz HTTP/1.0\r\nHost: {self.host}:{self.port}\r\n\r\n".encode())
        return self._sock.fileno()

    def answered(self) -> bool:
        """True when the answer that select() reported is a 200; otherwise the next select() knocks again."""
        sock, self._sock = self._sock, None
        if sock is None:
            return False
        with sock:
            try:
                return b" 200 " in sock.recv(64)
            except OSError:
                return False

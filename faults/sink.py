"""A mail server that takes everything and keeps it, or goes wrong in the six ways in which mail servers do."""

import asyncio
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

REFUSED = "@refused.example"  # addresses that do not exist, whatever the mode
MODES = ("ok", "451", "hang", "cut", "slow")


@dataclass(frozen=True)
class Received:
    """One message that we answered 250 for, or would have."""

    message_id: str
    to: str
    cut: bool  # taken, and the connection cut before the answer


class Sink:
    """An SMTP server on a free port. `mode`: ok, 451 (come back later), hang, cut (after DATA, before 250), slow (one a second)."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.port = 0
        self.received: list[Received] = []
        self.met: Counter[str] = Counter()  # how often each mode, and the refusal, was met
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    def start(self) -> "Sink":
        """Listen, after `down` on the same port as before."""
        if self._controller is None:
            self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=self.port or _free_port())
            self._controller.start()
            self.port = self._controller.port
        return self

    def down(self) -> None:
        """Be gone: connections are refused until `start`."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
            self.met["down"] += 1

    def heal(self) -> None:
        """Be a good mail server again."""
        self.mode = "ok"
        self.start()

    @property
    def url(self) -> str:
        """What SMTP_URL says."""
        return f"smtp://127.0.0.1:{self.port}"

    def copies(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        with self._lock:
            return Counter(each.message_id for each in self.received)

    @property
    def repeated(self) -> int:
        """How many messages came again under an id that had been taken before."""
        return sum(count - 1 for count in self.copies().values())

    def take(self, envelope: Envelope, *, cut: bool) -> None:
        """Keep a message."""
        found = message_from_bytes(envelope.original_content or b"")
        with self._lock:
            self.received.append(Received(str(found["Message-ID"]).strip(), ", ".join(envelope.rcpt_tos), cut))


class _Handler:
    """What aiosmtpd calls."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802
        if address.endswith(REFUSED):
            self._sink.met["550"] += 1
            return "550 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mode = self._sink.mode
        self._sink.met[mode] += 1
        if mode == "451":
            return "451 Try again later"
        if mode == "hang":
            while self._sink.mode == "hang":
                await asyncio.sleep(0.05)
            _cut(server)  # this one is never answered
            return "451 Too late"
        if mode == "slow":
            await asyncio.sleep(1)
        self._sink.take(envelope, cut=mode == "cut")
        if mode == "cut":
            _cut(server)
        return "250 Taken"


def _cut(server: SMTP) -> None:
    """End the connection without a word."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

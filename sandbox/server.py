"""Serve a local Stripe: HTTP, SMTP, webhook sender and ticking clock, started and stopped together."""

import contextlib
import ipaddress
import socket
import struct
import threading
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from sandbox.box import Options, Sandbox
from sandbox.client import Control
from sandbox.delivery import Deliveries
from sandbox.mail import Mailbox, smtp_server
from sandbox.tidy import tidy
from sandbox.web import make_app

_TICK = 1.0
_RESET = struct.pack("ii", 1, 0)  # linger for no time: RST instead of FIN


class _Handler(WSGIRequestHandler):
    """Quiet, and head and body leave in one write: two of them wait 40 ms for each other."""

    wbufsize = -1
    disable_nagle_algorithm = True

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002  # werkzeug's signature
        """A fault broke it: close with a reset, unsent data and all. Harmless when it was the other side."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's signature
        """Say nothing."""


class _Server(ThreadedWSGIServer):
    """Closes a connection that was to be reset without the polite goodbye that comes first otherwise."""

    request_queue_size = 256

    def shutdown_request(self, request: Any) -> None:
        """Close one connection."""
        if request.fileno() >= 0 and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)
        else:
            super().shutdown_request(request)


class LocalStripe:
    """A local Stripe with its threads. ``port=0`` takes a free port; ``smtp_port=None`` means no mail catcher."""

    def __init__(
        self, options: Options | None = None, *, host: str = "127.0.0.1", port: int = 0, smtp_port: int | None = None
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"The local Stripe serves this machine only, not {host}.")
        self.options = options or Options()
        self.app = make_app(self.options)
        self.box: Sandbox = self.app.extensions["sandbox"]
        self.deliveries: Deliveries = self.app.extensions["deliveries"]
        self.mailbox: Mailbox = self.app.extensions["mailbox"]
        self._host, self._port, self._smtp_wanted = host, port, smtp_port
        self._server: _Server | None = None
        self._smtp: Controller | None = None
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()

    def start(self) -> Self:
        """Listen; once this returns, requests and mail are taken."""
        self._server = _Server(self._host, self._port, self.app, _Handler)
        self._port = self._server.server_port
        self._ended.clear()
        serve = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="local-stripe", daemon=True)
        tick = threading.Thread(target=self._tick, name="local-stripe-clock", daemon=True)
        self._threads = [serve, tick]
        if self._smtp_wanted is not None:
            self._smtp_wanted = self._smtp_wanted or _free_port(self._host)
            self._smtp = smtp_server(self.mailbox, self._host, self._smtp_wanted)
            self._smtp.start()
        self.deliveries.start()
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """End everything; harmless when it never began."""
        if self._server is None:
            return
        self._ended.set()
        self.box.faults.clear()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        self.deliveries.stop()
        if self._smtp:
            self._smtp.stop()
        self.box.store.close()
        self._server = self._smtp = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def forget(self, *, mail: bool = True) -> None:
        """Be as on the first day."""
        self.deliveries.forget()
        self.box.forget()
        if mail:
            self.mailbox.clear()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:4242``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def smtp_port(self) -> int | None:
        """Where the mail catcher listens."""
        return self._smtp_wanted

    @property
    def control(self) -> Control:
        """The controls, over HTTP."""
        return Control(self.url, self.options.control_token)

    def _tick(self) -> None:
        """End what the clock has ended even when nobody asks."""
        while not self._ended.wait(_TICK):
            tidy(self.box)


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])

"""A house to look around in, and somebody at the webhook's address."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.checkout.house import House
from app.kernel.db import Database
from app.kernel.tokens import Tokens
from app.payments.gateway import open_gateway
from tests.cast import StoppedClock
from tests.site import NOBODY, SECRET_KEY, settings_of

MakeHouse = Callable[..., House]


@pytest.fixture
def make_house(db: Database, clock: StoppedClock, tmp_path: Path) -> MakeHouse:
    """A house on this database; what is given are settings."""

    def make(**changes: Any) -> House:
        settings = settings_of(tmp_path / "media", **changes)
        return House(settings, db, clock, Tokens((SECRET_KEY.encode(),)), open_gateway("sk_test_nobody", NOBODY))

    return make


@dataclass
class Listener:
    """Whoever is at the webhook's address: what it was told, and what it answers."""

    url: str = ""
    status: int = 204
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A real HTTP server."""
    told = Listener()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append((self.headers["Idempotency-Key"], json.loads(body)))
            self.send_response(told.status)
            self.send_header("Location", "http://elsewhere.example/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/a-secret-word"
    yield told
    server.shutdown()
    server.server_close()
    serving.join()

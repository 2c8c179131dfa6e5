"""The floor of every page: an answer that is ready before it is asked for, from the shop's own web server.

FLOOR_ANSWERS names a file of answers, each with the path it is at; they are what the shop answered, to the byte.
"""

import base64
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Headers = list[tuple[str, str]]
HOPS = {"server", "date", "connection", "keep-alive", "transfer-encoding"}  # the web server's own


@dataclass(frozen=True)
class Ready:
    """An answer that is ready."""

    path: str
    status: str
    headers: Headers
    body: str  # in base64


def ready(path: str, text: bytes) -> Ready:
    """The whole answer that a client got, to be had at a path."""
    head, _, body = text.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    split = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    headers = [(name, value) for name, value in split if name.lower() not in HOPS]
    if not any(name.lower() == "content-length" for name, _ in headers) and body:
        headers.append(("Content-Length", str(len(body))))
    return Ready(path, first.partition(" ")[2], headers, base64.b64encode(body).decode())


def keep(file: Path, answers: Iterable[Ready]) -> None:
    """Write the file."""
    file.write_text(json.dumps([asdict(answer) for answer in answers]))


class Floor:
    """The WSGI application."""

    def __init__(self, answers: Iterable[Ready]) -> None:
        self.extensions = {"runout_beside": lambda: None}  # what the web server's own settings look for in the shop
        self._ready = {
            answer.path: (answer.status, [(name, value) for name, value in answer.headers], [base64.b64decode(answer.body)])
            for answer in answers
        }

    def __call__(self, environ: dict[str, Any], start: Callable[[str, Headers], object]) -> list[bytes]:
        """Answer at once."""
        if environ["REQUEST_METHOD"] == "POST":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, headers, body = self._ready[environ["PATH_INFO"]]
        start(status, headers)
        return body


def _answers() -> list[Ready]:
    named = os.environ.get("FLOOR_ANSWERS")
    return (
        [Ready(**{**each, "headers": [tuple(h) for h in each["headers"]]}) for each in json.loads(Path(named).read_text())]
        if named
        else []
    )


app = Floor(_answers())

"""`python -m bench.floor FILE FD`: the floor of every page, an answer that is ready before it is asked for.

The file holds answers, each with the path it is at; they are what the shop answered, to the byte. They are given by the shop's
own web server with the same settings, and there is no door, no thread and no WSGI on the way, as for what the shop remembers.
"""

import base64
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.gate.__main__ import HEADER_SECONDS
from app.gate.forks import Forks, Kind
from app.gate.listening import Answering, serve

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
    """Answers what the web server hands it, with nothing in between."""

    def __init__(self, answers: Iterable[Ready]) -> None:
        self._ready = {
            answer.path: (int(answer.status.partition(" ")[0]), answer.headers, base64.b64decode(answer.body)) for answer in answers
        }

    async def __call__(self, scope: Any, proto: Any) -> None:
        """Answer at once; a form is read, as nobody can refuse one unread."""
        if scope.method == "POST":
            await proto()
        proto.response_bytes(*self._ready[scope.path])


def main(file: Path, fd: int) -> int:
    """Serve until SIGTERM, by the web server of the shop."""
    answers = [
        Ready(**{**each, "headers": [(name, value) for name, value in each["headers"]]}) for each in json.loads(file.read_text())
    ]
    floor = Floor(answers)

    async def ready() -> Answering:
        return floor.__call__

    return Forks([Kind("floor", lambda: serve(fd, ready, header_seconds=HEADER_SECONDS), 1)], 5).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))

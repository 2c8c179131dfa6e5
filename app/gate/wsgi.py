"""Asks a WSGI application, in the words of PEP 3333."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from app.gate.answer import Answer, Headers

WSGIApp = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]


@dataclass(frozen=True)
class Asked:
    """A whole request. `file` holds the body when it is long; it is removed as soon as it is open."""

    method: str
    path: str
    query: str
    scheme: str
    server: str
    client: str
    http_version: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    file: str = ""


class Files:
    """Stands for `wsgi.file_wrapper`: notes which file the application would read out, so that the server can send it by itself."""

    def __init__(self) -> None:
        self.name = ""

    def __call__(self, file: Any, block: int = 8192) -> Iterator[bytes]:
        """The parts of a file; one that has no name, or only a number, is read out as any answer."""
        name = getattr(file, "name", None)
        self.name = name if isinstance(name, str) else ""
        return iter(partial(file.read, block), b"")


def environ(asked: Asked) -> dict[str, Any]:
    """The environment of a request. Headers with an underscore are left out: they would pass for others with a dash."""
    host, _, port = asked.server.rpartition(":")
    found: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": asked.path.encode(errors="replace").decode("latin-1"),
        "QUERY_STRING": asked.query,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{asked.http_version}",
        "REMOTE_ADDR": asked.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": asked.scheme,
        "wsgi.input": _body(asked),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in asked.headers:
        if name in {"content-type", "content-length"}:
            found[name.upper().replace("-", "_")] = value
        elif "_" not in name:
            key = f"HTTP_{name.upper().replace('-', '_')}"
            found[key] = f"{found[key]}{'; ' if name == 'cookie' else ','}{value}" if key in found else value
    return found


def _body(asked: Asked) -> BinaryIO:
    if not asked.file:
        return BytesIO(asked.body)
    path = Path(asked.file)
    opened = path.open("rb")
    path.unlink()
    return opened


def ask(app: WSGIApp, environment: dict[str, Any]) -> Answer:
    """What the application says; a file is not read but named."""
    said: list[tuple[int, Headers]] = []
    files = environment["wsgi.file_wrapper"] = Files()

    def start(status: str, headers: Headers, _fault: object = None) -> None:
        said[:] = [(int(status[:3]), headers)]

    parts = app(environment, start)
    try:
        if files.name and environment["REQUEST_METHOD"] == "GET" and said[0][0] in {200, 206}:
            return Answer(*said[0], file=files.name, part=_part(said[0][1]) if said[0][0] == 206 else None)
        return Answer(*said[0], b"".join(parts))
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()


def _part(headers: Headers) -> tuple[int, int]:
    """The first byte, and the one after the last, that Content-Range names."""
    value = next(value for name, value in headers if name.lower() == "content-range")
    first, last = value.removeprefix("bytes ").partition("/")[0].split("-")
    return int(first), int(last) + 1

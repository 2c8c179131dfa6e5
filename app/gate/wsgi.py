"""Asks a WSGI application, in the words of PEP 3333."""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import Any, Protocol

from app.gate.answer import Answer, Headers

WSGIApp = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]
LARGEST = 64 * 1024  # bytes of a body that are read before a thread is taken; more is read while it is needed


class Readable(Protocol):
    """A body that comes in while it is read."""

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all of them."""


class Files:
    """Stands for `wsgi.file_wrapper`: notes which file the application would read out, so that the server can send it by itself."""

    def __init__(self) -> None:
        self.name = ""

    def __call__(self, file: Any, block: int = 8192) -> Iterator[bytes]:
        """The parts of a file."""
        self.name = str(getattr(file, "name", ""))
        return iter(partial(file.read, block), b"")


def environ(scope: Any, headers: list[tuple[str, str]], body: bytes | Readable) -> dict[str, Any]:
    """The environment of a request. Headers with an underscore are left out: they would pass for others with a dash."""
    host, _, port = scope.server.rpartition(":")
    client = scope.client.rpartition(":")[0].strip("[]")
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode(errors="replace").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body) if isinstance(body, bytes) else body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        if name in {"content-type", "content-length"}:
            found[name.upper().replace("-", "_")] = value
        elif "_" not in name:
            key = f"HTTP_{name.upper().replace('-', '_')}"
            found[key] = f"{found[key]}{'; ' if name == 'cookie' else ','}{value}" if key in found else value
    return found


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

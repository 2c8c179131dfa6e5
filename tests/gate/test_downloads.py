"""Who downloads a large file slowly keeps no thread and no memory, and nobody else waiting."""

import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gate.wsgi import Files
from tests.gate.serving import Served, running

SIZE = 30_000_000
SLOW = 40
APP = """
def app(environ, start):
    if environ["PATH_INFO"] == "/file":
        size, asked = 30_000_000, environ.get("HTTP_RANGE", "")
        first = int(asked.removeprefix("bytes=").rstrip("-") or 0)
        file = open("large", "rb")
        said = [("Content-Length", str(size - first)), ("Content-Disposition", "attachment")]
        part = [("Content-Range", f"bytes {first}-{size - 1}/{size}")] if asked else []
        start("206 Partial Content" if asked else "200 OK", said + part)
        return environ["wsgi.file_wrapper"](file)
    start("200 OK", [("Content-Length", "4")])
    return [b"drop"]
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A web server of two threads, and a large file."""
    (tmp_path / "large").write_bytes(bytes(range(250)) * (SIZE // 250))
    served = Served(tmp_path, APP, "--threads", "2")
    with running(served):
        yield served


def begin(served: Served, path: str, head: str = "") -> socket.socket:
    """Ask, and read nothing yet."""
    line = socket.create_connection(served.listening.getsockname(), timeout=20)
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode())
    return line


def rest(line: socket.socket) -> bytes:
    """All that comes."""
    with line:
        return b"".join(iter(lambda: line.recv(1 << 20), b""))


def memory(served: Served) -> int:
    """Bytes that the server's processes have of their own and share."""
    lines = [Path(f"/proc/{pid}/statm").read_text().split() for pid in served.children()]
    return sum(int(words[1]) for words in lines) * 4096


def test_many_slow_downloads_keep_no_thread_and_no_memory(served: Served) -> None:
    assert rest(begin(served, "/")).endswith(b"drop")
    before = memory(served)
    slow = [begin(served, "/file") for _ in range(SLOW)]
    for line in slow:
        assert line.recv(12) == b"HTTP/1.1 200"  # each is on its way, and will stay so
    for _ in range(5):
        began = time.monotonic()
        assert rest(begin(served, "/")).endswith(b"drop")
        assert time.monotonic() - began < 0.5
    assert memory(served) - before < SLOW * SIZE / 10
    for line in slow:
        line.close()


def test_one_that_broke_off_goes_on_to_the_last_byte(served: Served) -> None:
    head, _, content = rest(begin(served, "/file", "Range: bytes=29999000-\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206")
    assert content == (bytes(range(250)) * 4)
    _, _, whole = rest(begin(served, "/file")).partition(b"\r\n\r\n")
    assert len(whole) == SIZE


@pytest.mark.parametrize("most", [0, 100])
def test_a_file_without_a_name_is_read_out(most: int) -> None:
    files = Files()
    with tempfile.SpooledTemporaryFile(most) as made:
        made.write(b"by run\r\n")
        made.seek(0)
        assert (b"".join(files(made)), files.name) == (b"by run\r\n", "")

"""Who sends a request byte by byte keeps nobody waiting, and who has sent it all is answered."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import ROOT

APP = """
import time
def app(environ, start):
    body = environ["wsgi.input"].read()
    time.sleep(3 if environ["PATH_INFO"] == "/slow" else 0)
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A web server of two threads that waits a second for the headers of a request."""
    (tmp_path / "slow_app.py").write_text(APP)
    listening = socket.create_server(("127.0.0.1", 0))
    fd = listening.fileno()
    words = ["slow_app:app", "--fd", str(fd), "--threads", "2", "--header-seconds", "1"]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    server = subprocess.Popen([sys.executable, "-m", "app.gate", *words], cwd=tmp_path, env=env, pass_fds=[fd])
    yield listening.getsockname()
    server.terminate()
    server.wait(20)
    listening.close()


def ask(address: tuple[str, int], request: str) -> bytes:
    """Send a whole request, and all that comes back."""
    with socket.create_connection(address, timeout=20) as line:
        line.sendall(request.encode())
        return b"".join(iter(lambda: line.recv(4096), b""))


HEAD = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n"


@pytest.mark.parametrize("begun", [HEAD, f"{HEAD}\r\nab"], ids=["headers", "body"])
def test_slow_visitors_do_not_keep_the_threads(address: tuple[str, int], begun: str) -> None:
    assert ask(address, f"{HEAD}\r\nabcd").endswith(b"abcd")
    slow = [socket.create_connection(address, timeout=20) for _ in range(6)]
    for line in slow:
        line.sendall(begun.encode())
    time.sleep(0.2)
    begun_at = time.monotonic()
    assert ask(address, f"{HEAD}\r\nabcd").endswith(b"abcd")
    assert time.monotonic() - begun_at < 0.9  # before anybody lost patience with the slow ones
    for line in slow:
        line.close()


def test_a_request_that_is_here_is_answered_however_long_it_takes(address: tuple[str, int]) -> None:
    assert ask(address, f"{HEAD}\r\nabcd".replace("POST /", "POST /slow")).endswith(b"abcd")


def test_who_is_being_answered_at_the_end_is_answered(tmp_path: Path) -> None:
    (tmp_path / "slow_app.py").write_text(APP)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        words = ["slow_app:app", "--fd", str(listening.fileno()), "--threads", "2"]
        env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        server = subprocess.Popen([sys.executable, "-m", "app.gate", *words], cwd=tmp_path, env=env, pass_fds=[listening.fileno()])
        try:
            assert ask(listening.getsockname(), f"{HEAD}\r\nabcd").endswith(b"abcd")
            with socket.create_connection(listening.getsockname(), timeout=20) as line:
                line.sendall(f"{HEAD}\r\nabcd".replace("POST /", "POST /slow").encode())
                time.sleep(0.3)
                server.terminate()
                assert b"".join(iter(lambda: line.recv(4096), b"")).endswith(b"abcd")
            assert server.wait(10) == 0
        finally:
            server.kill()
            server.wait()

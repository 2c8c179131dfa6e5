"""Who sends a request byte by byte does not keep a thread for ever, and who has sent it all is answered."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = f"exec(compile(open({str(ROOT / 'gunicorn.conf.py')!r}).read(), 'gunicorn.conf.py', 'exec'))\nREAD_SECONDS = 1\n"
APP = """
import time
def app(environ, start):
    body = environ["wsgi.input"].read()
    time.sleep(3 if environ["PATH_INFO"] == "/slow" else 0)
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]
app.extensions = {"runout_beside": lambda: None}
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A web server of two threads that waits a second for a request."""
    (tmp_path / "slow_app.py").write_text(APP)
    (tmp_path / "config.py").write_text(CONFIG)
    listening = socket.create_server(("127.0.0.1", 0))
    fd = listening.fileno()
    words = ["--config", "config.py", "--bind", f"fd://{fd}", "--workers", "1", "--threads", "2", "--no-control-socket"]
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "slow_app:app", *words], cwd=tmp_path, pass_fds=[fd])
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
    slow = [socket.create_connection(address, timeout=20) for _ in range(2)]
    for line in slow:
        line.sendall(begun.encode())
    time.sleep(0.2)
    assert ask(address, f"{HEAD}\r\nabcd").endswith(b"abcd")
    for line in slow:
        line.close()


def test_a_request_that_is_here_is_answered_however_long_it_takes(address: tuple[str, int]) -> None:
    assert ask(address, f"{HEAD}\r\nabcd".replace("POST /", "POST /slow")).endswith(b"abcd")

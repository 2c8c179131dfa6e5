"""The question whether the shop is up yet: patient, never a busy loop."""

import select
import socket

from app.serve.knock import Knock
from app.serve.ports import listen


def _answer(server: socket.socket, line: bytes) -> bytes:
    visitor, _ = server.accept()
    with visitor:
        asked = visitor.recv(1000)
        visitor.sendall(line + b"\r\n\r\n")
    return asked


def test_an_answer_is_heard_when_it_comes() -> None:
    with listen("127.0.0.1", 0) as server:
        knock = Knock("127.0.0.1", server.getsockname()[1])
        (door,) = knock.door()
        assert select.select([door], [], [], 0)[0] == []
        assert knock.door() == [door]  # still the same question
        assert _answer(server, b"HTTP/1.0 200 OK").startswith(b"GET /healthz HTTP/1.0\r\n")
        assert select.select([door], [], [], 5)[0] == [door]
        assert knock.answered()


def test_a_wrong_answer_is_followed_by_a_pause() -> None:
    with listen("127.0.0.1", 0) as server:
        knock = Knock("127.0.0.1", server.getsockname()[1])
        knock.door()
        _answer(server, b"HTTP/1.0 503 SERVICE UNAVAILABLE")
        assert not knock.answered()
        assert knock.door() == []


def test_nobody_listening_is_no_fault() -> None:
    with listen("127.0.0.1", 0) as server:
        port = server.getsockname()[1]
    assert Knock("127.0.0.1", port).door() == []

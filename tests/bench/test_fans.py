"""The fans against a small server that answers as it is told."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bench.fans import BROKEN, LATE, NO_CONNECTION, Ask, Fans, NoCompiler, request

TEXT = request("GET", "/", "shop.example")


@pytest.fixture(scope="module")
def fans(tmp_path_factory: pytest.TempPathFactory) -> Fans:
    try:
        return Fans(tmp_path_factory.mktemp("fans"))
    except NoCompiler as missing:
        pytest.skip(str(missing))


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket, int], None]], int]]:
    """Have each request that comes answered by a function, which is given its number; the port."""
    sock = socket.create_server(("127.0.0.1", 0))
    count, lock = itertools.count(), threading.Lock()

    def talk(line: socket.socket, answer: Callable[[socket.socket, int], None]) -> None:
        with line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while line.fileno() >= 0:
                try:
                    said = line.recv(65536)
                    if not said:
                        return
                    with lock:
                        number = next(count)
                    answer(line, number)
                except OSError:
                    return

    def start(answer: Callable[[socket.socket, int], None]) -> int:
        def listen() -> None:
            while True:
                try:
                    line = sock.accept()[0]
                except OSError:
                    return
                threading.Thread(target=talk, args=(line, answer), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        return int(sock.getsockname()[1])

    yield start
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def in_pieces(text: bytes, size: int) -> Callable[[socket.socket, int], None]:
    def answer(line: socket.socket, _number: int) -> None:
        for at in range(0, len(text), size):
            line.sendall(text[at : at + size])
            time.sleep(0.0005)

    return answer


LENGTH = b"HTTP/1.1 201 Created\r\nContent-Length: 11\r\nLocation: /holds/abc\r\n\r\nhello world"
CHUNKS = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\n"
NONE = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 11\r\n\r\n'


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "status", "body"), [(LENGTH, 201, b"hello world"), (CHUNKS, 201, b"hello world"), (NONE, 304, b"")]
)
def test_an_answer_is_whole_however_it_was_split(fans: Fans, serve, text: bytes, status: int, body: bytes, size: int) -> None:
    port = serve(in_pieces(text, size))

    came = fans.play(port, [Ask(0, 0, TEXT, 1000), Ask(0.01, 0, TEXT, 1000)], sources=1)

    assert [(answer.status, answer.body) for answer in came.answers] == [(status, body)] * 2
    assert all(answer.took > 0 for answer in came.answers)


def test_a_kept_answer_has_its_headers(fans: Fans, serve) -> None:
    (answer,) = fans.play(serve(in_pieces(LENGTH, 1000)), [Ask(0, 0, TEXT, 1000)], sources=1).answers

    assert answer.header("location") == "/holds/abc"
    assert answer.header("etag") is None


def test_waiting_counts_from_the_planned_moment(fans: Fans, serve) -> None:
    """Two requests are planned for one moment on one connection, whose answers take a tenth of a second each."""

    def slow(line: socket.socket, _number: int) -> None:
        time.sleep(0.1)
        line.sendall(LENGTH)

    first, second = fans.play(serve(slow), [Ask(0, 0, TEXT), Ask(0, 0, TEXT)], sources=1).answers

    assert 0.1 <= first.took < 0.19 <= second.took
    assert second.done - second.sent < 0.19


def test_who_is_asked_to_come_again_does(fans: Fans, serve) -> None:
    busy = b"HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"

    came = fans.play(
        serve(lambda line, n: line.sendall(busy if n < 2 else LENGTH)), [Ask(0, 0, TEXT, tries=3, last=True)], sources=1
    )

    assert [answer.status for answer in came.answers] == [429, 429, 201]


def test_what_has_no_answer_is_told_apart(fans: Fans, serve) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    nobody = int(free.getsockname()[1])
    free.close()

    def leave(line: socket.socket, _number: int) -> None:
        line.sendall(LENGTH[:30])
        line.close()

    assert [a.status for a in fans.play(nobody, [Ask(0, 0, TEXT)], sources=1).answers] == [NO_CONNECTION]
    assert [a.status for a in fans.play(serve(leave), [Ask(0, 0, TEXT)], sources=1).answers] == [BROKEN]


def test_nobody_waits_for_ever(fans: Fans, serve) -> None:
    came = fans.play(serve(lambda _line, _n: None), [Ask(0, 0, TEXT)], patience=0.2, sources=1)

    assert [answer.status for answer in came.answers] == [LATE]


def test_a_connection_that_was_closed_while_it_rested_is_made_anew(fans: Fans, serve) -> None:
    def once(line: socket.socket, _number: int) -> None:
        line.sendall(LENGTH)
        line.close()

    came = fans.play(serve(once), [Ask(0, 0, TEXT), Ask(0.1, 0, TEXT)], sources=1)

    assert [answer.status for answer in came.answers] == [201, 201]


def test_a_race_goes_on_for_its_time_and_each_request_once_ends_sooner(fans: Fans, serve) -> None:
    port = serve(lambda line, _n: line.sendall(LENGTH))
    asks = [Ask(0, n % 2, TEXT) for n in range(6)]

    raced, once = fans.race(port, asks, 0.2), fans.race(port, asks, 5, cycle=False)

    assert len(raced.answers) > 6
    assert 0.2 <= raced.seconds < 0.6
    assert sorted(answer.ask for answer in once.answers) == list(range(6))
    assert once.seconds < 1

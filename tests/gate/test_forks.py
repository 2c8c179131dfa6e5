"""Whoever dies is replaced: the front, and the processes behind it."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.gate.serving import Served, running

APP = """
import os, time
def app(environ, start):
    time.sleep(2 if environ["PATH_INFO"] == "/slow" else 0)
    if environ["PATH_INFO"] == "/deadly":
        os._exit(1)
    start("200 OK", [])
    return [str(os.getpid()).encode()]
"""


class OneBack(Served):
    """A shop of one process, one thread each for three requests at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, APP, "--threads", "3")

    def ask(self, path: str = "/") -> requests.Response:
        """One request on a line of its own."""
        return requests.get(f"{self.url}{path}", timeout=20)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[OneBack]:
    made = OneBack(tmp_path)
    with running(made):
        yield made


def test_who_dies_behind_the_front_is_replaced(served: OneBack) -> None:
    first = int(served.ask().text)
    os.kill(first, signal.SIGKILL)
    second = int(served.ask().text)
    assert second != first
    assert {second} < served.children()
    assert [served.ask().status_code for _ in range(10)] == [200] * 10


def test_what_it_had_in_hand_is_answered_and_nobody_says_that_it_did_not_happen(served: OneBack) -> None:
    first = int(served.ask().text)
    with socket.create_connection(served.listening.getsockname(), timeout=20) as line:
        line.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        time.sleep(0.5)
        os.kill(first, signal.SIGKILL)
        assert line.recv(4096).startswith(b"HTTP/1.1 502 ")


def test_who_only_looks_is_answered_by_the_next(served: OneBack) -> None:
    first = int(served.ask().text)
    with ThreadPoolExecutor() as fans:
        looked = fans.submit(served.ask, "/slow")
        time.sleep(0.5)  # in the middle of it
        os.kill(first, signal.SIGKILL)
        assert int(looked.result().text) != first


def test_who_kills_whoever_is_asked_is_told_after_two(served: OneBack) -> None:
    assert served.ask("/deadly").status_code == 502
    assert served.ask().status_code == 200


def test_a_front_that_dies_is_replaced_too(served: OneBack) -> None:
    back = int(served.ask().text)
    (front,) = served.children() - {back}
    os.kill(front, signal.SIGKILL)
    end = time.monotonic() + 20
    while front in served.children() and time.monotonic() < end:
        time.sleep(0.02)
    assert int(served.ask().text) == back

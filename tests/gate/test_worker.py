"""The application's worker beside the web processes: forked as they are, replaced as they are, told to end as soon as they are."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from tests.gate.serving import Served, running

APP = """
import os, signal, sys, time
made = []
def app(environ, start):
    time.sleep(2 if environ["PATH_INFO"] == "/slow" else 0)
    start("200 OK", [])
    return [str(made).encode()]
def note(word):
    with open("notes", "a") as notes:
        notes.write(f"{word} {os.getpid()} {time.monotonic()}\\n")
def work():
    note("born")
    if os.path.exists("ill"):
        os._exit(1)
    signal.signal(signal.SIGTERM, lambda *_: (note("told"), sys.exit()))
    signal.pause()
class Doorman:
    hops, busy = 0, None  # nobody is turned away here
    def note(self, noted):
        pass
    def pages(self):
        return os.getpid()
    def finish(self):
        note("finished")
    def learn(self, pages):
        note(f"learnt {pages}")
app.extensions = {"runout_doorman": Doorman(), "runout_first": lambda: made.append(os.getpid()), "runout_worker": work}
"""


class WithWorker(Served):
    """A shop of two processes, one thread each, with a worker that writes down what happens to it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, APP, "--processes", "2", "--threads", "1", "--worker")

    def called(self) -> list[str]:
        """What the processes below the master call themselves."""
        return sorted(Path(f"/proc/{each}/comm").read_text().strip() for each in self.children())

    def noted(self, word: str) -> list[tuple[int, float]]:
        """The worker's own notes: its process id, and when."""
        notes = self.folder / "notes"
        lines = [line.split() for line in notes.read_text().splitlines()] if notes.exists() else []
        return [(int(pid), float(at)) for said, *_, pid, at in lines if said == word]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that the processes do."""
        end = time.monotonic() + 20
        while not true():
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[WithWorker]:
    made = WithWorker(tmp_path)
    with running(made):
        made.until(lambda: bool(made.noted("born")))
        yield made


def test_each_process_says_what_it_is(served: WithWorker) -> None:
    assert requests.get(served.url, timeout=20).ok
    assert served.called() == ["runout-front", "runout-web", "runout-web", "runout-worker"]


def test_what_all_of_them_need_is_made_once_before_they_are_forked(served: WithWorker) -> None:
    answers = {requests.get(served.url, timeout=20).text for _ in range(4)}
    assert answers == {str([served.master.pid])}


def test_the_front_has_what_it_says_at_the_door_printed_behind_it(served: WithWorker) -> None:
    notes = served.folder / "notes"
    served.until(lambda: "learnt" in notes.read_text())
    [(printed, learnt)] = [line.split()[1:3] for line in notes.read_text().splitlines() if line.startswith("learnt")]
    assert Path(f"/proc/{printed}/comm").read_text() == "runout-web\n"
    assert Path(f"/proc/{learnt}/comm").read_text() == "runout-front\n"


def test_a_worker_that_dies_is_replaced(served: WithWorker) -> None:
    [(first, _)] = served.noted("born")
    os.kill(first, signal.SIGKILL)
    served.until(lambda: len(served.noted("born")) == 2)
    assert requests.get(served.url, timeout=20).ok


def test_one_that_dies_again_and_again_leaves_the_machine_to_the_others(served: WithWorker) -> None:
    (served.folder / "ill").touch()
    os.kill(served.noted("born")[0][0], signal.SIGKILL)
    time.sleep(2)
    assert requests.get(served.url, timeout=20).ok
    (served.folder / "ill").unlink()
    births = [at for _, at in served.noted("born")][1:]
    assert 2 <= len(births) <= 5
    assert all(later - earlier > 0.45 for earlier, later in pairwise(births))


def test_it_is_told_to_end_while_others_still_finish(served: WithWorker) -> None:
    with socket.create_connection(served.listening.getsockname(), timeout=20) as line:
        line.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.5)  # in the middle of it
        served.master.terminate()
        assert line.recv(4096).startswith(b"HTTP/1.1 200 ")
        answered = time.monotonic()
    assert served.master.wait(20) == 0
    [(_, told)] = served.noted("told")
    assert told < answered - 0.5
    assert len(served.noted("finished")) == 2  # web processes, which leave no note unwritten

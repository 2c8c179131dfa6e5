"""What is answered without Flask is logged and counted, many in one line, none lost."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from app.web import notes
from app.web.notes import Notes

Counted = list[tuple[str, str, int, list[float]]]
Line = dict[str, Any]


class Log:
    """Keeps what is said; structlog's own way to do so misses loggers that an earlier application has cached."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def info(self, _event: str, **values: Any) -> None:
        """One line."""
        self.lines.append(values)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """The lines of the log."""
    log = Log()
    monkeypatch.setattr(notes, "log", log)
    return log.lines


def _notes() -> tuple[Notes, Counted]:
    counted: Counted = []

    def count(method: str, route: str, status: int, seconds: Sequence[float]) -> None:
        counted.append((method, route, status, list(seconds)))

    return Notes(count), counted


def test_many_of_a_kind_are_one_line_and_all_are_counted(said: list[Line]) -> None:
    written, counted = _notes()
    written.write([("GET", "/", 200, [0.1, 0.2], "a"), ("GET", "/", 200, [0.3], "b"), ("GET", "/", 304, [0.1], "c")])
    assert counted == [("GET", "/", 200, [0.1, 0.2, 0.3]), ("GET", "/", 304, [0.1])]
    assert [(line.get("times"), line.get("request_id"), line["ms"]) for line in said] == [(3, None, 200.0), (None, "c", 100.0)]


def test_files_are_counted_and_not_logged(said: list[Line]) -> None:
    written, counted = _notes()
    written.write([("GET", "/static/<path:name>", 200, [0.1], "a")])
    assert (len(counted), said) == (1, [])


def test_what_is_noted_soon_comes_together_with_the_id_of_each(said: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "SOON", 0.5)
    written, counted = _notes()
    for mark in ("a", "b", "c"):
        written.soon(("POST", "/take", 303, [0.1], mark))
    assert (counted, said) == ([], [])
    _until(said, 1)
    assert [(line["times"], line["request_ids"]) for line in said] == [(3, "a b c")]
    assert counted == [("POST", "/take", 303, [0.1] * 3)]
    written.soon(("POST", "/take", 303, [0.1], "d"))
    _until(said, 2)
    assert said[1]["request_id"] == "d"


def test_at_the_end_nothing_waits(said: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "SOON", 0.2)
    written, counted = _notes()
    written.soon(("POST", "/take", 303, [0.1], "a"))
    written.finish()
    assert ([line["request_id"] for line in said], len(counted)) == (["a"], 1)
    time.sleep(0.4)  # the moment comes, and there is nothing left to write
    assert (len(said), len(counted)) == (1, 1)


def _until(said: Sequence[object], count: int) -> None:
    """Wait until another thread has written its line; it counts before."""
    end = time.monotonic() + 20
    while len(said) < count and time.monotonic() < end:
        time.sleep(0.01)  # between two looks

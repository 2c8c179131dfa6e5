"""What is answered without Flask is logged and counted, many in one line, none lost."""

import time
from collections.abc import Sequence

from structlog.testing import capture_logs

from app.web.notes import Notes

Counted = list[tuple[str, str, int, list[float]]]


def _notes() -> tuple[Notes, Counted]:
    counted: Counted = []

    def count(method: str, route: str, status: int, seconds: Sequence[float]) -> None:
        counted.append((method, route, status, list(seconds)))

    return Notes(count), counted


def test_many_of_a_kind_are_one_line_and_all_are_counted() -> None:
    notes, counted = _notes()
    with capture_logs() as said:
        notes.write([("GET", "/", 200, [0.1, 0.2], "a"), ("GET", "/", 200, [0.3], "b"), ("GET", "/", 304, [0.1], "c")])
    assert counted == [("GET", "/", 200, [0.1, 0.2, 0.3]), ("GET", "/", 304, [0.1])]
    assert [(line.get("times"), line.get("request_id"), line["ms"]) for line in said] == [(3, None, 200.0), (None, "c", 100.0)]


def test_files_are_counted_and_not_logged() -> None:
    notes, counted = _notes()
    with capture_logs() as said:
        notes.write([("GET", "/static/<path:name>", 200, [0.1], "a")])
    assert (len(counted), said) == (1, [])


def test_what_is_noted_soon_comes_together_with_the_id_of_each() -> None:
    notes, counted = _notes()
    with capture_logs() as said:
        for mark in ("a", "b", "c"):
            notes.soon(("POST", "/take", 303, [0.1], mark))
        assert (counted, said) == ([], [])
        _until(said)
    assert [(line["times"], line["request_ids"]) for line in said] == [(3, "a b c")]
    assert counted == [("POST", "/take", 303, [0.1] * 3)]
    with capture_logs() as said:
        notes.soon(("POST", "/take", 303, [0.1], "d"))
        _until(said)
    assert [line["request_id"] for line in said] == ["d"]


def _until(said: Sequence[object]) -> None:
    """Wait until another thread has written its line; it counts before."""
    end = time.monotonic() + 20
    while not said and time.monotonic() < end:
        time.sleep(0.01)  # between two looks

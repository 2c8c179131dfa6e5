"""Logs and counts what was answered without Flask: much of it at once, and so a line for many."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import structlog

SOON = 0.1  # seconds
Noted = tuple[str, str, int, list[float], str]  # method, route, status, how many seconds each took, the last one's id
Count = Callable[[str, str, int, Sequence[float]], None]
log = structlog.get_logger()


class Notes:
    """For one process; `count` adds seconds to the numbers for a method, a route and a status."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._soon: list[Noted] = []
        self._lock = threading.Lock()

    def write(self, noted: Iterable[Noted], *, ids: bool = False) -> None:
        """Many of a kind are one line: it says how many, and their mean; and with `ids` the last id of each."""
        kinds: dict[tuple[str, str, int], list[float]] = defaultdict(list)
        marks: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        for method, route, status, seconds, mark in noted:
            kinds[method, route, status] += seconds
            marks[method, route, status].append(mark)
        for kind, took in kinds.items():
            method, route, status = kind
            self._count(method, route, status, took)
            if route.startswith("/static/"):
                continue
            ms = round(sum(took) / len(took) * 1000, 1)
            which = {"times": len(took)} if len(took) > 1 else {"request_id": marks[kind][-1]}
            each = {"request_ids": " ".join(marks[kind])} if ids and len(took) > 1 else {}
            log.info("request", method=method, route=route, status=status, ms=ms, **which, **each)

    def soon(self, one: Noted) -> None:
        """In a moment, together with all that come until then: a line for each is dear while many threads wait."""
        with self._lock:
            self._soon.append(one)
            first = len(self._soon) == 1
        if first:
            threading.Timer(SOON, self.finish).start()

    def finish(self) -> None:
        """Write what was to come soon."""
        with self._lock:
            noted, self._soon = self._soon, []
        self.write(noted, ids=True)

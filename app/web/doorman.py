"""What the gate and the shop say to each other: how long an answer is the same for all, and what was answered without Flask."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import structlog
from flask import Flask, request

from app.settings import Settings
from app.web.busy import BusyPage, Pages

KEEP = "runout.keep"
SOON = 0.1  # seconds
Noted = tuple[str, str, int, list[float], str]  # method, route, status, how many seconds each took, the last one's id
Count = Callable[[str, str, int, Sequence[float]], None]
log = structlog.get_logger()


def keep(seconds: float) -> None:
    """This answer may be given, for so long, to everybody who asks the same; to a reader also whatever follows the `?`."""
    if seconds > 0 and request.url_rule:
        request.environ[KEEP] = (request.url_rule.rule, seconds)


class Doorman:
    """Speaks for one application at its gate; `count` adds seconds to the numbers for a method, a route and a status."""

    def __init__(self, app: Flask, settings: Settings, count: Count) -> None:
        self._count, self._page, self.hops = count, BusyPage(app, settings), settings.trusted_hops
        self._soon: list[Noted] = []
        self._lock = threading.Lock()

    def note(self, noted: Iterable[Noted], *, ids: bool = False) -> None:
        """Log and count what was answered since the last time. Many of a kind are one line: it says how many, and their mean."""
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

    def note_soon(self, one: Noted) -> None:
        """The same with the id of each, in a moment, for all that come until then: to write a line wants the lock of all threads."""
        with self._lock:
            self._soon.append(one)
            first = len(self._soon) == 1
        if first:
            threading.Timer(SOON, self._note_now).start()

    def _note_now(self) -> None:
        with self._lock:
            noted, self._soon = self._soon, []
        self.note(noted, ids=True)

    def pages(self) -> Pages:
        """What `busy` says, printed behind the front."""
        return self._page.pages()

    def learn(self, pages: Pages) -> None:
        """Have `busy` say what was printed."""
        self._page.learn(pages)

    def busy(self, method: str, path: str, body: bytes, accept: str, seconds: float) -> tuple[int, list[tuple[str, str]], bytes]:
        """The answer to who has to come again, since the line is long enough."""
        return self._page.answer(method, path, body, accept, seconds)

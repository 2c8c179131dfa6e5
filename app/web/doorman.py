"""What the gate and the shop say to each other: how long an answer is the same for all, and what was answered without Flask."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import structlog
from flask import Flask, request

from app.settings import Settings
from app.web.busy import BusyPage, Pages

KEEP = "runout.keep"
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

    def note(self, noted: Iterable[Noted]) -> None:
        """Log and count what was answered since the last time. Many of a kind are one line: it says how many, and their mean."""
        kinds: dict[tuple[str, str, int], list[float]] = defaultdict(list)
        marks: dict[tuple[str, str, int], str] = {}
        for method, route, status, seconds, mark in noted:
            kinds[method, route, status] += seconds
            marks[method, route, status] = mark
        for (method, route, status), took in kinds.items():
            self._count(method, route, status, took)
            if route.startswith("/static/"):
                continue
            ms = round(sum(took) / len(took) * 1000, 1)
            which = {"times": len(took)} if len(took) > 1 else {"request_id": marks[method, route, status]}
            log.info("request", method=method, route=route, status=status, ms=ms, **which)

    def pages(self) -> Pages:
        """What `busy` says, printed behind the front."""
        return self._page.pages()

    def learn(self, pages: Pages) -> None:
        """Have `busy` say what was printed."""
        self._page.learn(pages)

    def busy(self, method: str, path: str, body: bytes, accept: str, seconds: float) -> tuple[int, list[tuple[str, str]], bytes]:
        """The answer to who has to come again, since the line is long enough."""
        return self._page.answer(method, path, body, accept, seconds)

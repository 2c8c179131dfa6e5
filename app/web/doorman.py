"""What the gate and the shop say to each other: how long an answer is the same for all, and what was answered without Flask."""

from collections.abc import Iterable

from flask import Flask, request

from app.settings import Settings
from app.web.busy import BusyPage, Pages
from app.web.notes import Count, Noted, Notes

KEEP = "runout.keep"


def keep(seconds: float) -> None:
    """This answer may be given, for so long, to everybody who asks the same; to a reader also whatever follows the `?`."""
    if seconds > 0 and request.url_rule:
        request.environ[KEEP] = (request.url_rule.rule, seconds)


class Doorman:
    """Speaks for one application at its gate; `count` adds seconds to the numbers for a method, a route and a status."""

    def __init__(self, app: Flask, settings: Settings, count: Count) -> None:
        self.notes, self._page, self.hops = Notes(count), BusyPage(app, settings), settings.trusted_hops

    def note(self, noted: Iterable[Noted]) -> None:
        """Log and count what was answered without Flask since the last time."""
        self.notes.write(noted)

    def finish(self) -> None:
        """The same with what was to be noted soon: the process ends."""
        self.notes.finish()

    def pages(self) -> Pages:
        """What `busy` says, printed behind the front."""
        return self._page.pages()

    def learn(self, pages: Pages) -> None:
        """Have `busy` say what was printed."""
        self._page.learn(pages)

    def busy(self, method: str, path: str, body: bytes, accept: str, seconds: float) -> tuple[int, list[tuple[str, str]], bytes]:
        """The answer to who has to come again, since the line is long enough."""
        return self._page.answer(method, path, body, accept, seconds)

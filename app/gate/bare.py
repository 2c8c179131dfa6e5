"""What a gate says for an application that says nothing itself."""

from typing import Any

from app.gate.answer import Headers


class Bare:
    """No log, no numbers, no trusted proxies, and the plainest page."""

    hops = 0

    def note(self, _noted: Any) -> None:
        """Nothing is kept of it."""

    def pages(self) -> None:
        """There is nothing to print."""

    def finish(self) -> None:
        """Nothing was kept."""

    def learn(self, _pages: Any) -> None:
        """Nor to say."""

    def busy(self, _method: str, _path: str, _body: bytes, _accept: str, seconds: float) -> tuple[int, Headers, bytes]:
        """Come again."""
        return 429, [("Retry-After", str(max(1, round(seconds)))), ("Content-Type", "text/plain")], b"One moment.\n"

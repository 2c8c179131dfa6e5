"""Which requests go first: who holds copies or pays, then the desk, then who looks, and then who comes to take."""

from app.gate.door import Door, Lane

_HELD = ("/holds", "/orders", "/webhooks/", "/healthz", "/readyz", "/metrics")
FOR_EVER = 30.0  # seconds of line: these are never told to come again before a browser itself gives up


class Lanes:
    """The lanes to so many threads; no kind of request can have all of them, and one is always left for the desk."""

    def __init__(self, threads: int) -> None:
        half = max(1, threads // 2)
        self.held, self.desk = Lane(max(1, threads - 1), FOR_EVER), Lane(half, FOR_EVER)
        self.look, self.take = Lane(half), Lane(max(1, threads * 3 // 4), paced=True)
        self.door = Door(threads, [self.held, self.desk, self.look, self.take])

    def of(self, method: str, path: str) -> Lane:
        """The lane of a request."""
        if path.startswith(_HELD):
            return self.held
        if path.startswith("/staff"):
            return self.desk
        return self.look if method in {"GET", "HEAD"} else self.take

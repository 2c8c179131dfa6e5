"""No faster than Stripe lets one endpoint be asked: a short wait costs less than a refusal and another try."""

import threading
import time

PER_SECOND = 25  # calls that Stripe takes of one endpoint: https://docs.stripe.com/rate-limits
LONGEST = 1.0  # seconds that a caller waits here


class Pace:
    """Turns at each endpoint that takes so many calls a second, and as many at once after a rest; for all threads of a process."""

    def __init__(self, per_second: int = PER_SECOND) -> None:
        self._most = max(1, per_second - 1)  # somebody else may be asking, too
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, endpoint: str) -> float | None:
        """Wait for a turn and take it: None. Seconds, and no turn, where that would be long."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next.get(endpoint, 0.0), now - (self._most - 1) / self._most)
            if turn - now > LONGEST:
                return turn - now
            self._next[endpoint] = turn + 1 / self._most
        if turn > now:
            time.sleep(turn - now)  # no lock and no transaction is held here
        return None

"""No faster than Stripe lets one endpoint be asked: a short wait costs less than a refusal and another try."""

import threading
import time

PER_SECOND = 24.0  # Stripe takes 25 of each endpoint: https://docs.stripe.com/rate-limits
AT_ONCE = 24  # after a rest
LONGEST = 1.0  # seconds that a caller waits here


class Pace:
    """Turns at each endpoint, for all threads of a process."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, endpoint: str) -> float | None:
        """Wait for a turn and take it: None. Seconds, and no turn, where that would be long."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next.get(endpoint, now), now - (AT_ONCE - 1) / PER_SECOND)
            if turn - now > LONGEST:
                return turn - now
            self._next[endpoint] = turn + 1 / PER_SECOND
        if turn > now:
            time.sleep(turn - now)  # no lock and no transaction is held here
        return None

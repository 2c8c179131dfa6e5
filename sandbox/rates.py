"""Rate limits: a bucket of tokens for each endpoint and one for the account, filled by the sandbox's clock."""

import threading
from dataclasses import dataclass, field

from sandbox.clock import Clock


@dataclass
class _Bucket:
    tokens: float
    at: float


@dataclass
class Rates:
    """``each`` and ``total`` requests in a second, which is also what may come at once; 0 or less means no limit."""

    clock: Clock
    each: float = 0.0
    total: float = 0.0
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, each: float, total: float) -> None:
        """Limit so from now on, with full buckets."""
        with self._lock:
            self.each, self.total = each, total
            self._buckets.clear()

    def take(self, endpoint: str) -> str | None:
        """One token for a call of ``endpoint``; otherwise Stripe's word for the limiter that refuses."""
        with self._lock:
            for name, rate, reason in ((endpoint, self.each, "endpoint-rate"), ("", self.total, "global-rate")):
                if rate > 0 and not self._take(name, rate):
                    return reason
        return None

    def _take(self, name: str, rate: float) -> bool:
        now = self.clock.now()
        bucket = self._buckets.setdefault(name, _Bucket(rate, now))
        passed = max(0.0, now - bucket.at)  # the clock may be set back
        bucket.tokens, bucket.at = min(max(rate, 1.0), bucket.tokens + passed * rate), now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

"""Faults on purpose: which API calls go wrong, in which way and how often; by a count, or by a coin with a seed."""

import itertools
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import StripeError

Json = dict[str, Any]
Pause = Callable[[float], object]

KINDS = {
    "401": "refused because the key is no longer good",
    "403": "refused because a restricted key lacks the permission",
    "402": "refused by the bank; the key remembers it",
    "429": "refused by the rate limiter, which stands before the idempotency keys",
    "409": "refused, as if the idempotency key were in use",
    "502": "fails at Stripe's edge; nothing happens and no key remembers it",
    "503": "fails at Stripe's edge; nothing happens and no key remembers it",
    "500": "fails before the effect, and the key remembers that",
    "500-after": "fails after the effect, and the key remembers that",
    "latency": "is answered after so many seconds; goes together with another fault",
    "hang": "has no effect and no answer; the connection breaks after so many seconds",
    "hang-after": "has its effect and no answer; the connection breaks after so many seconds",
    "reset": "has no effect; the connection breaks at once",
    "lost": "has its effect; the connection breaks instead of an answer",
    "garbage": "has its effect; the answer is half a page of HTML",
    "alter": "has its effect; the answer says something else, as given in changes",
    "pay-before": "a fan pays the session just before it takes effect",
    "pay-after": "takes effect, and a fan pays the session before it is answered",
}
_LIMITED = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
_EXPIRED = "Expired API Key provided."
_FORBIDDEN = "The provided key does not have the required permissions for this endpoint."
_DECLINED = "Your card was declined."
_IN_USE = "There is currently another in-progress request using this Idempotent Key."
_UNKNOWN = "An unknown error occurred"


@dataclass
class Fault:
    """One rule. ``path`` is a whole path in which ``*`` stands for one segment and ``**`` for any rest. The first ``skip``
    matching calls pass; then ``times`` strike (None: until it is cleared), each with ``probability``."""

    kind: str
    method: str = "*"
    path: str = "/v1/**"
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    skip: int = 0
    seconds: float = 0.0
    changes: Json = field(default_factory=dict)
    card: str = "4242424242424242"
    id: str = ""
    met: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        self._coin = random.Random(self.seed)  # noqa: S311  # chance for tests, repeatable
        self._pattern = _compile(self.path)

    def strikes(self, method: str, path: str) -> bool:
        """Whether this call is hit; counts it."""
        if self.times is not None and self.struck >= self.times:
            return False
        if self.method not in ("*", method) or not self._pattern.fullmatch(path):
            return False
        self.met += 1
        hit = self.met > self.skip and (self.probability >= 1 or self._coin.random() < self.probability)
        self.struck += hit
        return hit

    def as_json(self) -> Json:
        """The rule and what it has done: ``met`` calls fitted, ``struck`` of them were hit."""
        shown = ("id", "kind", "method", "path", "times", "probability", "seed", "skip", "seconds", "changes", "card")
        return {name: getattr(self, name) for name in (*shown, "met", "struck")}


@dataclass(frozen=True)
class Met:
    """What one call has to expect: a delay, and perhaps a fault."""

    delay: float = 0.0
    fault: Fault | None = None

    @property
    def kind(self) -> str | None:
        """The kind of the fault, or ``latency`` when it is only late."""
        return self.fault.kind if self.fault else "latency" if self.delay else None

    def refuse_early(self) -> None:
        """Raise what stands before the idempotency keys."""
        if self.kind == "401":
            raise StripeError(_EXPIRED, code="api_key_expired", status=401, saved=False)
        if self.kind == "403":
            raise StripeError(_FORBIDDEN, status=403, saved=False)
        if self.kind == "429":
            raise limited("endpoint-rate")
        if self.kind == "409":
            raise StripeError(_IN_USE, code="idempotency_key_in_use", status=409, saved=False)
        if self.kind in ("502", "503"):
            raise StripeError(_UNKNOWN, status=int(self.kind), type="api_error", saved=False)

    def refuse(self) -> None:
        """Raise what stands in the place of the effect."""
        if self.kind == "402":
            declined = {"decline_code": "generic_decline"}
            raise StripeError(_DECLINED, code="card_declined", status=402, type="card_error", extra=declined)
        if self.kind == "500":
            raise StripeError(_UNKNOWN, status=500, type="api_error")

    def refuse_late(self) -> None:
        """Raise what hides the effect."""
        if self.kind == "500-after":
            raise StripeError(_UNKNOWN, status=500, type="api_error")


class Faults:
    """All rules, in the sequence of their making. Waiting can be ended by ``clear()``, or done by a simulator's ``pause``."""

    def __init__(self, pause: Pause | None = None) -> None:
        self._rules: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self._count = itertools.count(1)
        self._cleared = threading.Event()
        self._pause = pause

    def add(self, fault: Fault) -> Fault:
        """Keep a rule; gives it its id."""
        with self._lock:
            fault.id = f"flt_{next(self._count)}"
            self._rules[fault.id] = fault
        return fault

    def all(self) -> list[Json]:
        """Every rule with its counts, used up or not."""
        with self._lock:
            return [fault.as_json() for fault in self._rules.values()]

    def clear(self, fault_id: str | None = None) -> int:
        """Forget one rule or all, and let go who waits; gives how many are gone."""
        with self._lock:
            gone = [fault_id] if fault_id in self._rules else [] if fault_id else list(self._rules)
            for name in gone:
                del self._rules[name]
            self._cleared.set()
            self._cleared = threading.Event()
        return len(gone)

    def meet(self, method: str, path: str) -> Met:
        """What strikes this call: every delay that fits, and the first other fault."""
        with self._lock:
            delay, fault = 0.0, None
            for rule in self._rules.values():
                if rule.kind == "latency":
                    delay += rule.seconds if rule.strikes(method, path) else 0
                elif fault is None and rule.strikes(method, path):
                    fault = rule
        return Met(delay, fault)

    def wait(self, seconds: float) -> None:
        """Let time pass, unless the faults are cleared meanwhile."""
        if seconds > 0:
            (self._pause or self._cleared.wait)(seconds)


def limited(reason: str) -> StripeError:
    """429, which no key remembers; ``reason`` is Stripe's word for the limiter that refused."""
    headers = {"Stripe-Rate-Limited-Reason": reason}
    return StripeError(_LIMITED, code="rate_limit", status=429, saved=False, headers=headers)


def _compile(path: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]+"}
    return re.compile("".join(parts.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*?)", path)))

"""How events are delivered: the modes, and the chance in them."""

import random
import threading
from dataclasses import dataclass

from sandbox.errors import invalid

MODES = {
    "deliver": "as they happen",
    "hold": "kept until they are flushed",
    "drop": "never",
    "duplicate": "so many times, side by side",
    "shuffle": "each at some moment within so many seconds, so that later ones overtake",
    "delay": "after so many seconds",
    "forge": "signed with a wrong secret",
    "stale": "signed rightly, with a time so many seconds ago",
    "early": "before the call that caused them is answered",
}
_SECONDS = {"shuffle": 1.0, "delay": 1.0, "stale": 600.0}
MOST_COPIES, LONGEST = 100, 30 * 24 * 60 * 60


@dataclass(frozen=True)
class Behaviour:
    """What happens to events of the named ``types`` (all, when empty; ``refund.*`` fits a family), each with
    ``probability``; the others are delivered. ``seconds`` belongs to shuffle, delay and stale, ``times`` to duplicate."""

    mode: str = "deliver"
    times: int = 2
    seconds: float | None = None
    types: tuple[str, ...] = ()
    probability: float = 1.0
    seed: int = 0

    @property
    def span(self) -> float:
        """The seconds, or the mode's own default."""
        return _SECONDS.get(self.mode, 0.0) if self.seconds is None else self.seconds

    def concerns(self, kind: str) -> bool:
        """Whether an event of this type is meant."""
        return not self.types or any(names(pattern, kind) for pattern in self.types)

    def check(self) -> "Behaviour":
        """Refuse what makes no sense."""
        if self.mode not in MODES:
            raise invalid(f"mode must be one of {', '.join(MODES)}", param="mode")
        if not 1 <= self.times <= MOST_COPIES:
            raise invalid(f"times must be from 1 to {MOST_COPIES}", param="times")
        if not 0 <= self.span <= LONGEST:
            raise invalid(f"seconds must be from 0 to {LONGEST}", param="seconds")
        if not 0 <= self.probability <= 1:
            raise invalid("probability must be from 0 to 1", param="probability")
        return self


class Chance:
    """The coin and the dice of a behaviour; the same seed throws the same sequence."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._random = random.Random(behaviour.seed)  # noqa: S311  # chance for tests, repeatable
        self._lock = threading.Lock()
        self._behaviour = behaviour

    def chosen(self, kind: str) -> Behaviour:
        """The behaviour for one event of this type."""
        meant = self._behaviour
        if not meant.concerns(kind):
            return Behaviour()
        with self._lock:
            hit = meant.probability >= 1 or self._random.random() < meant.probability
        return meant if hit else Behaviour()

    def within(self, seconds: float) -> float:
        """A moment from now."""
        with self._lock:
            return self._random.uniform(0, seconds)


def names(pattern: str, kind: str) -> bool:
    """``refund.*`` names every type that begins so, anything else itself."""
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern

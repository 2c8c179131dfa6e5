"""What is measured, as values: how long answers took, and the figures of one step beside its floor."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.fans import Answer

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 when there are none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def milliseconds(took: Iterable[float]) -> dict[str, float]:
    """p50, p95, p99 and p99.9 of seconds, in milliseconds."""
    ranked = sorted(took)
    return {name: round(1000 * percentile(ranked, share), 2) for name, share in SHARES.items()}


@dataclass(frozen=True)
class Round:
    """One round of one step: how many right answers in how many seconds, what they took, and what the servers needed."""

    count: int
    seconds: float
    ms: dict[str, float]
    cpu_ms: float  # of the servers, for each answer
    database_ms: float = 0.0  # of PostgreSQL's own processes, for each answer
    wrong: int = 0  # answers that were not what was asked for, and lost ones
    statuses: dict[int, int] = field(default_factory=dict)
    fans: float = 0.0  # the generator's share of one core

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return self.count / self.seconds if self.seconds else 0.0


def round_of(answers: Sequence[Answer], good: set[int], cpu: float, database: float, fans: float) -> Round:
    """The round in which these came; CPU in seconds."""
    right = [answer for answer in answers if answer.status in good]
    begun = min((answer.planned for answer in answers), default=0.0)
    seconds = max((answer.done for answer in answers), default=0.0) - begun
    each = max(1, len(answers))
    return Round(
        len(right), seconds, milliseconds(a.took for a in right), 1000 * cpu / each, 1000 * database / each,
        len(answers) - len(right), dict(Counter(a.status for a in answers)), fans,
    )  # fmt: skip


@dataclass
class Step:
    """A step on one database: its rounds, those of its floor that ran between them, and what they are compared by."""

    name: str
    database: str
    rounds: list[Round] = field(default_factory=list)
    floor: list[Round] = field(default_factory=list)
    floor_name: str = ""
    more: dict[str, float] = field(default_factory=dict)  # further figures by name
    statements: float | None = None
    objects: int | None = None  # ORM objects that were built

    @property
    def ratio(self) -> float | None:
        """The median of the ratios of neighbouring rounds; None without a floor."""
        pairs = [mine.rate / its.rate for mine, its in zip(self.rounds, self.floor, strict=False) if its.rate]
        return median(pairs) if pairs else None

    def middle(self, what: str, *, floor: bool = False) -> float:
        """The median of `rate`, `cpu_ms` and so on over the rounds."""
        rounds = self.floor if floor else self.rounds
        return median(getattr(each, what) for each in rounds) if rounds else 0.0

    def ms(self, share: str) -> float:
        """The median of a percentile over the rounds."""
        return median(each.ms[share] for each in self.rounds) if self.rounds else 0.0

    @property
    def wrong(self) -> int:
        """Wrong and lost answers of all rounds, the floor's as well."""
        return sum(each.wrong for each in (*self.rounds, *self.floor))

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        middles = {what: self.middle(what) for what in ("rate", "cpu_ms", "database_ms")}
        return {**asdict(self), "ratio": self.ratio, "medians": middles}

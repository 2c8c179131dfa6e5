"""Plays seed after seed for a while, and adds up what was seen."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from tests.databases import SqliteTemplate
from tests.sim.play import Told, Without, play
from tests.sim.steps import draw

LENGTH = 150  # steps of a story


@dataclass
class Sum:
    """What many stories came to; `broken` is the last one, if it broke something."""

    first: int
    seeds: int = 0
    steps: int = 0
    time: timedelta = timedelta(0)
    covered: set[tuple[str, str]] = field(default_factory=set)
    broken: Told | None = None

    def add(self, told: Told) -> None:
        """One more story."""
        self.seeds, self.steps, self.time = self.seeds + 1, self.steps + told.steps, self.time + told.time
        self.covered |= told.covered
        self.broken = told if told.broken else None

    def __str__(self) -> str:
        states, faults = {state for state, _ in self.covered}, {fault for _, fault in self.covered}
        pairs = f"{len(self.covered)} pairs of {len(states)} states and {len(faults)} faults"
        days = f"{self.time / timedelta(days=1):.1f} days"
        return f"seeds {self.first} to {self.first + self.seeds - 1}, {self.steps} steps, {days} of made-up time, {pairs} covered"


def run(
    template: SqliteTemplate,
    first: int,
    seconds: float,
    *,
    say: Callable[[Sum], object] = lambda _: None,
    without: Without = nullcontext,
) -> Sum:
    """Play the seeds from the first on until something breaks or there is no time for another story; one at least."""
    began, total = time.monotonic(), Sum(first)
    while total.broken is None and (not total.seeds or (time.monotonic() - began) * (1 + 1 / total.seeds) < seconds):
        seed = first + total.seeds
        total.add(play(template, seed, draw(seed, LENGTH), without))
        say(total)
    return total

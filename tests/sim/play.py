"""Plays a story from its beginning to quiet, and says how it went."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from tests.cast import NOW
from tests.databases import SqliteTemplate
from tests.sim.ending import end
from tests.sim.steps import Step
from tests.sim.truths import Broken
from tests.sim.world import World

Without = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Told:
    """How a story went: `broken` is empty when all was true to the end, else what was not, after `steps` steps.

    `late` when it was found only once all was quiet. `covered` are the pairs of a state and a fault that met.
    """

    seed: int
    steps: int
    broken: str
    late: bool
    time: timedelta
    trace: tuple[str, ...]
    covered: frozenset[tuple[str, str]]

    @property
    def hash(self) -> str:
        """The same for the same story: of every line, the last of which has a hash of all that was left."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()

    @property
    def truth(self) -> str:
        """The name of what was broken."""
        return self.broken.partition(":")[0]


def play(
    template: SqliteTemplate, seed: int, steps: Sequence[Step], without: Without = nullcontext, *, to_quiet: bool = True
) -> Told:
    """Play the steps in the shop of a seed, and on until all is quiet; `without` takes a guard off meanwhile."""
    done, broken, late = 0, "", False
    with without(), World(template, seed) as world:
        try:
            for step in steps:
                done += 1
                world.step(step)
            late = to_quiet
            if to_quiet:
                end(world)
        except Broken as found:
            broken = str(found)
        except Exception as fault:
            broken = f"fault: {type(fault).__name__}: {fault}"
        time = world.clock.now() - NOW
        return Told(seed, done, broken, late, time, tuple(world.trace), frozenset(world.covered))

"""Makes a story that breaks something as short as it gets: leaves out people, then steps, then faults and what went on beside."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace

from tests.databases import SqliteTemplate
from tests.sim.play import Told, Without, play
from tests.sim.steps import Step, shop_of

Steps = Sequence[Step]


def shrink(
    template: SqliteTemplate, told: Told, steps: Steps, without: Without = nullcontext, *, seconds: float = 300
) -> list[Step]:
    """A shorter story in the same shop that breaks the same truth; the shortest that was found in so many seconds."""
    until = time.monotonic() + seconds

    def breaks(some: Steps) -> bool:
        return time.monotonic() < until and play(template, told.seed, some, without, to_quiet=told.late).truth == told.truth

    fans = shop_of(told.seed).fans
    alone = without_some(list(steps[: told.steps]), breaks, lambda step: (step.deed, step.who % fans * (step.deed == "fan")))
    return plainer(fewer(alone, breaks), breaks)


def without_some(steps: list[Step], breaks: Callable[[Steps], bool], who: Callable[[Step], object]) -> list[Step]:
    """Leave out all that somebody does, one after the other, as long as it still breaks."""
    for one in dict.fromkeys(map(who, steps)):
        without_them = [step for step in steps if who(step) != one]
        if breaks(without_them):
            steps = without_them
    return steps


def fewer(steps: list[Step], breaks: Callable[[Steps], bool]) -> list[Step]:
    """Leave out whole pieces, half of the story at first and single steps at last, as long as it still breaks."""
    size = len(steps) // 2
    while size:
        at = 0
        while at < len(steps):
            without_these = steps[:at] + steps[at + size :]
            if breaks(without_these):
                steps = without_these
            else:
                at += size
        size //= 2
    return steps


def plainer(steps: list[Step], breaks: Callable[[Steps], bool]) -> list[Step]:
    """Let nothing go wrong and nothing happen beside a step, where that makes no difference."""
    for at, step in enumerate(steps):
        for plain in (replace(step, fault="", beside=()), replace(step, fault=""), replace(step, beside=())):
            if plain != steps[at] and breaks([*steps[:at], plain, *steps[at + 1 :]]):
                steps = [*steps[:at], plain, *steps[at + 1 :]]
                break
    return steps

"""`make simulate SECONDS=3600 SEED=4711`: plays seeds from that one on; what breaks is shrunk and kept as a test."""

import argparse
import random
import sys
import time
from statistics import mean

from tests.databases import SqliteTemplate
from tests.sim import found
from tests.sim.guards import OFF, without
from tests.sim.play import Told
from tests.sim.run import LENGTH, Sum, run
from tests.sim.shrink import shrink
from tests.sim.steps import draw

EVERY = 60.0  # seconds between two lines


def main() -> int:
    """1 when something broke."""
    wanted = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    wanted.add_argument("--seconds", type=float, default=3600.0)
    wanted.add_argument("--seed", type=int, help="the first seed; by chance when it is not given")
    wanted.add_argument("--controls", type=int, metavar="N", help="take each guard off N times instead, until it is found")
    asked = wanted.parse_args()
    first = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    template = SqliteTemplate()
    try:
        return _controls(template, first, asked.controls) if asked.controls else _play(template, first, asked.seconds)
    finally:
        template.end()


def _play(template: SqliteTemplate, first: int, seconds: float) -> int:
    print(f"from seed {first}, {LENGTH} steps each, for {seconds:g} seconds", flush=True)
    total = run(template, first, seconds, say=_Now())
    print(total)
    if total.broken is not None:
        _report(template, total.broken)
    return 1 if total.broken else 0


def _controls(template: SqliteTemplate, first: int, times: int) -> int:
    for name in OFF:
        sums = [run(template, first + 1000 * n, 600, without=without(name)) for n in range(times)]
        truths = sorted({each.broken.truth if each.broken else "nothing" for each in sums})
        print(f"without {name}: {mean(each.steps for each in sums):.0f} steps on average, {', '.join(truths)}", flush=True)
        if "nothing" in truths:
            return 1
    return 0


class _Now:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, total: Sum) -> None:
        if time.monotonic() - self._last > EVERY:
            self._last = time.monotonic()
            print(total, flush=True)


def _report(template: SqliteTemplate, told: Told) -> None:
    """What broke, how to see it again, and the shortest story of it, which is kept."""
    print(f"\n{told.broken}\n\nseed {told.seed} broke after {told.steps} steps; again: make simulate SEED={told.seed}", flush=True)
    print("\n".join(told.trace[-8:]), "\nshrinking …", flush=True)
    short = shrink(template, told, draw(told.seed, LENGTH))
    found.keep(found.Found(told.seed, told.broken, tuple(short)))
    print(f"{len(short)} steps do it; kept in {found.FILE.name}, which the tests play")
    for step in short:
        print(f"  {step}")


if __name__ == "__main__":
    sys.exit(main())

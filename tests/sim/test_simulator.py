"""Stories of a whole shop: nothing breaks, the same seed is the same story, and without a guard something does break."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.databases import ROOT, SqliteTemplate
from tests.sim import found
from tests.sim.guards import OFF, without
from tests.sim.play import play
from tests.sim.run import run
from tests.sim.shrink import fewer, plainer, shrink
from tests.sim.steps import Step, draw

Note = Callable[[str, object], None]
SECONDS, FIRST = 60, 40_000
AFTER = 180  # seconds; a control is found much sooner

_ANOTHER_PROCESS = """
from tests.databases import SqliteTemplate
from tests.sim.play import play
from tests.sim.steps import draw
template = SqliteTemplate()
print(*play(template, 11, draw(11, 40)).trace, sep="\\n")
template.end()
"""


def test_the_same_seed_is_the_same_story(sqlite_template: SqliteTemplate) -> None:
    """Also after another story, and in another process whose sets and dictionaries are shuffled otherwise."""
    other = play(sqlite_template, 12, draw(12, 20))
    first = play(sqlite_template, 11, draw(11, 40))
    assert (first.broken, other.broken) == ("", "")
    assert first.trace != other.trace
    env = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    alone = subprocess.run([sys.executable, "-c", _ANOTHER_PROCESS], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert alone.stdout == "\n".join(first.trace) + "\n"


def test_a_minute_of_stories(sqlite_template: SqliteTemplate, record_property: Note) -> None:
    """The same ones each time, so that the change is to blame when one breaks; `make simulate` plays others."""
    first = int(os.environ.get("SEED") or FIRST)
    total = run(sqlite_template, first, SECONDS)
    assert total.broken is None, f"{total.broken.broken}; again, and shrunk: make simulate SEED={total.broken.seed}"
    record_property("figure", f"simulated: {total}")


@pytest.mark.parametrize("guard", OFF)
def test_control(guard: str, sqlite_template: SqliteTemplate, record_property: Note) -> None:
    """Without one of its guards the shop breaks, and the simulator finds out."""
    total = run(sqlite_template, 3000, AFTER, without=without(guard))  # found soon; `--controls` says after how long on average
    assert total.broken is not None
    record_property("figure", f"simulated without {guard}: found after {total.steps} steps, {total.broken.truth}")


def test_what_once_broke_does_not_break_again(sqlite_template: SqliteTemplate) -> None:
    told = [play(sqlite_template, story.seed, story.steps) for story in found.kept()]
    assert [(each.seed, each.broken) for each in told if each.broken] == []


def test_a_story_that_breaks_is_shrunk_and_kept(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    guard = without("asking Stripe before putting back")
    told = run(sqlite_template, 1003, AFTER, without=guard).broken  # a short one
    assert told is not None
    short = shrink(sqlite_template, told, draw(told.seed, told.steps), guard, seconds=AFTER)
    assert len(short) < told.steps / 2
    found.keep(found.Found(told.seed, told.broken, tuple(short)), tmp_path / "seeds.jsonl")
    [kept] = found.kept(tmp_path / "seeds.jsonl")
    assert play(sqlite_template, kept.seed, kept.steps, guard).truth == told.truth
    assert play(sqlite_template, kept.seed, kept.steps).broken == "", "with its guard the same story goes well"


def test_shrinking_leaves_what_matters() -> None:
    steps = [Step("fan", n, n, "crash" if n % 2 else "", (Step("worker", 0, n),)) for n in range(20)]

    def breaks(some: Sequence[Step]) -> bool:
        kept = {step.who: step for step in some}
        return 7 in kept and kept[7].fault == "crash" and 12 in kept and bool(kept[12].beside)

    assert plainer(fewer(steps, breaks), breaks) == [replace(steps[7], beside=()), steps[12]]

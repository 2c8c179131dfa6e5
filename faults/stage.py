"""What a row works with: a rig, a seed, a history; and how a row ends, which is always the same."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from app.worker import HANDS
from faults.desk import Sam
from faults.fan import USUAL, Mood
from faults.history import History, Outcome, clock
from faults.judge import Verdict, judge
from faults.load import THREADS, Load
from faults.market import open_market
from faults.quiet import NotQuiet, settle_down
from faults.rig import Rig
from faults.watch import Watch

Figures = dict[str, float | int | str]


class NotRun(Exception):
    """The row needs something that is not here; the message says what."""


@dataclass
class Bench:
    """One row under way that needs no shop: a folder, a seed, and what did not hold. `scale` shortens everything."""

    folder: Path
    seed: str
    scale: float = 1.0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - which process dies is no secret

    def check(self, good: bool, sentence: str) -> None:  # noqa: FBT001 - reads as an assertion
        """A problem, unless it is good."""
        if not good:
            self.problems.append(sentence)

    def seconds(self, wanted: float) -> float:
        """So long, at this scale."""
        return wanted * self.scale

    def count(self, wanted: int) -> int:
        """So many, at this scale."""
        return max(1, round(wanted * self.scale))


@dataclass
class Stage(Bench):
    """One row under way on a rig. `repeats` counts what may make a mail come again, besides killed programs."""

    rig: Rig = field(kw_only=True)
    history: History = field(default_factory=History)
    broken: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    loads: list[Load] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._excused, self._repeated = self.rig.excused, self.rig.sink.repeated
        self.rig.clock_moved = False

    @contextmanager
    def load(
        self, *, drops: int = 10, copies: int = 20, runs: int = 1, moods: Mapping[Mood, int] = USUAL, threads: int = THREADS,
        refused_mail: float = 0.0, hold_minutes: int = 2,
    ) -> Iterator[Load]:  # fmt: skip
        """Fans at a fresh market while the block lasts, under the eyes of the watch."""
        market = open_market(self.rig.db, self.rig.now(), drops=drops, copies=copies, runs=runs, hold_minutes=hold_minutes)
        load = Load(
            self.rig, market, self.history, f"{self.seed}/{len(self.loads)}", moods, threads, refused_mail=refused_mail
        )  # fmt: skip
        self.loads.append(load)
        with ExitStack() as stack:
            stack.enter_context(Watch(self.rig, self.broken))
            stack.enter_context(Sam(self.rig, self.history))
            yield stack.enter_context(load.running())
        self.problems += [f"a client met nonsense: {type(fault).__name__}: {fault}" for fault in load.broken[:3]]

    def every(self, pause: float, during: float) -> Iterator[int]:
        """Count, with a pause before each, for so long (scaled)."""
        end, count = clock() + self.seconds(during), 0
        while clock() + pause < end:
            time.sleep(pause)
            yield count
            count += 1
        time.sleep(max(0.0, end - clock()))

    def until(self, true: Callable[[], object], *, least: float = 3, most: float = 25) -> bool:
        """Go on for at least so many seconds (scaled) until it is true, and give up after so many; was it?"""
        begun = clock()
        while (passed := clock() - begun) < most:
            if passed >= self.seconds(least) and true():
                return True
            time.sleep(0.05)
        return bool(true())

    def enough(self, load: Load, fans: int) -> bool:
        """Go on until so many fans (scaled) have come to the end of their story; have they?"""
        return self.until(lambda: load.ended >= self.count(fans))

    def more(self, load: Load, fans: int) -> bool:
        """Go on until so many more fans (scaled) have come to the end of their story; have they?"""
        wanted = load.ended + self.count(fans)
        return self.until(lambda: load.ended >= wanted, least=0)

    def name(self, who: str) -> str:
        """A fan's name that no other row uses."""
        return f"{self.seed}/{who}".replace("/", "-").lower()

    def until_success(self, give_up: float = 60) -> float:
        """Wait until a request that was sent from now on succeeds; the seconds that took."""
        begun = clock()
        while not self.history.since(begun):
            if clock() - begun > give_up:
                self.problems.append(f"nothing succeeded for {give_up:.0f} s")
                break
            time.sleep(0.02)
        return clock() - begun

    def could_not_note(self) -> None:
        """The database took nothing for a moment: each of the worker's hands may have sent a letter that it could not note."""
        self.repeats += len(HANDS)

    def finish(self) -> tuple[Verdict, Figures]:
        """Make it quiet and judge."""
        try:
            quiet = settle_down(self.rig)
        except NotQuiet as fault:
            self.problems.append(str(fault))
            quiet = -1.0
        repeats = self.repeats + self.rig.excused - self._excused
        before = self._repeated
        verdict = judge(self.rig, self.history, self.broken, repeats + before)
        verdict.problems += self.problems
        counts = self.history.count()
        figures: Figures = {
            "ok": counts[Outcome.OK], "refused": counts[Outcome.REFUSED], "unknown": counts[Outcome.UNKNOWN],
            "orders": len(self.history.bought), "deeds of staff": self.history.staff.total(),
            "gap": round(self.history.longest_gap(), 2), "drained": round(quiet, 1),
            "mails repeated": self.rig.sink.repeated - before,
        }  # fmt: skip
        return verdict, figures

"""Drop after drop, for as long as is wanted: does what the shop needs of memory stay the same?"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import gates
from bench.drop import Wanted, play
from bench.fans import Fans
from bench.plan import K1
from bench.report import Gate, Row, at_most, none_of, shown
from bench.rig import POSTGRES
from bench.run import server_of, shop_of
from bench.say import say

K = 0.2
COPIES = 60
PAYERS = 20


@dataclass
class Soak:
    """On one kind of database after the other, each for its share of the time."""

    home: Path
    fans: Fans
    seed: str
    rows: list[Row] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def all(self, kinds: tuple[str, ...], seconds: float) -> None:
        """The whole time."""
        for kind in kinds:
            self._on(kind, seconds / len(kinds))

    def _on(self, kind: str, seconds: float) -> None:
        seen: list[tuple[float, float]] = []
        oversold = errors = 0
        with server_of(kind) as server, shop_of(self.home, kind, server, "soak", clocked=True) as rig:
            begun = time.monotonic()
            while (passed := time.monotonic() - begun) < seconds or len(seen) < 4:
                size = K1.scaled(K)
                seed = f"{self.seed}/{kind}/{len(seen)}"
                played = play(rig, self.fans, Wanted(f"drop {len(seen) + 1}, k={K}", seed, size, COPIES, PAYERS, (0.5, 2.0)))
                oversold += played.oversold
                errors += sum(len(story.errors) for story in played.stories)
                seen.append((passed, rig.memory()))
                say(f"{kind}: {seen[-1][1]:.0f} MB")
            web = "two web processes" if kind == POSTGRES else "one web process"
        row = Row(f"soak, {len(seen)} drops", kind, figures={"MB (PSS)": _line([mb for _, mb in seen]), "with": web})
        row.gates = [*flat([mb for _, mb in seen]), none_of("oversold", oversold), none_of("errors and resets", errors)]
        self.rows.append(row)
        self.more[kind] = [{"s": round(at), "MB": round(mb, 1)} for at, mb in seen]


def flat(megabytes: list[float]) -> list[Gate]:
    """Not more at the end than after the first quarter, and never too much. The end is the mean of the last quarter."""
    quarter = max(1, len(megabytes) // 4)
    first = sum(megabytes[quarter : 2 * quarter]) / quarter
    last = sum(megabytes[-quarter:]) / quarter
    return [
        at_most("of the memory after the first quarter", last / first, gates.STEADY),
        at_most("MB", max(megabytes), gates.MEMORY),
    ]


def _line(megabytes: list[float]) -> str:
    return " → ".join(shown(megabytes[at * (len(megabytes) - 1) // 4]) for at in range(5))

"""Where the time goes: the shop's processes are looked at a hundred times a second while one thing is asked of them, and drawn.

Needs py-spy, which is no requirement of the shop or of its tests: `pip install py-spy`, and the right to look at processes.
"""

import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.fans import Ask, Fans
from bench.flame_drawing import drawn
from bench.growth import place
from bench.orders import KEEP, many_at_once, taken
from bench.report import Row
from bench.rig import Shop
from bench.run import server_of, shop_of
from bench.say import say
from bench.stand import look, make_stall

SECONDS, COPIES, ORDERS = 4.0, 3_000, 60
RATE = 100  # looks a second
WAITING = (  # functions at the end of a stack that only waits, and where they are
    ("_exactly", "app/gate/frames.py"), ("wait", "threading.py"), ("accept", "socket.py"), ("select", "selectors.py"),
    ("wait", "psycopg/"), ("_wait", "app/serve/"), ("run", "app/gate/forks.py"), ("run", "app/gate/back.py"),
    ("readinto", "socket.py"), ("__enter__", "app/kernel/fairness.py"),
)  # fmt: skip


class NoSpy(Exception):
    """There is no py-spy."""


@dataclass
class Flames:
    """One drawing for each hot path, in a folder."""

    home: Path
    fans: Fans
    folder: Path
    rows: list[Row] = field(default_factory=list)

    def all(self, kinds: tuple[str, ...]) -> None:
        """On each kind of database."""
        if shutil.which("py-spy") is None:
            raise NoSpy("py-spy is missing: pip install py-spy")
        self.folder.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            with server_of(kind) as server, shop_of(self.home, kind, server, "flame", clocked=False) as rig:
                self._shop(rig)

    def _shop(self, rig: Shop) -> None:
        here = place(rig, "flame", COPIES)
        for name, asks in here.asks.items():
            with self._watched(rig, name):
                self.fans.race(int(rig.port), asks(0), SECONDS, cycle=name != "take")
        stall = make_stall(rig.db, rig.now(), 16)
        holds = [look(rig.host, f"/holds/{token}") for token in taken(rig, self.fans, stall, 16)]
        with self._watched(rig, "hold"):
            self.fans.race(int(rig.port), [Ask(0, n, text, KEEP) for n, text in enumerate(holds)], SECONDS)
        with self._watched(rig, "order"):
            many_at_once(rig, self.fans, ORDERS)

    @contextmanager
    def _watched(self, rig: Shop, name: str) -> Iterator[None]:
        """Look at all processes of the shop meanwhile, and draw what was seen."""
        say(f"{rig.kind}: {name}")
        raws = [rig.folder / f"{name}-{pid}.txt" for pid in rig.whole_tree()]
        spies = [
            subprocess.Popen(
                ["py-spy", "record", "-r", str(RATE), "-d", "600", "-f", "raw", "-o", str(raw), "-p", raw.stem.rpartition("-")[2]],  # noqa: S607 - found by its name before
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for raw in raws
        ]  # fmt: skip
        time.sleep(0.5)  # until they look
        try:
            yield
        finally:
            for spy in spies:
                spy.send_signal(signal.SIGINT)
            for spy in spies:
                spy.wait()
        seen = stacks(raw.read_text() for raw in raws if raw.exists())
        file = self.folder / f"{name}-{rig.kind}.svg"
        file.write_text(drawn(seen, f"{name}, {rig.kind}"))
        self.rows.append(Row(name, rig.kind, figures={"looks that saw work": sum(seen.values()), "drawn in": file.name}))


def stacks(raws: Iterator[str]) -> Counter[tuple[str, ...]]:
    """How often each stack was seen, outermost first, without threads that waited; frames are functions of files."""
    found: Counter[tuple[str, ...]] = Counter()
    for raw in raws:
        for line in raw.splitlines():
            text, _, count = line.rpartition(" ")
            frames = tuple(frame.rpartition(":")[0] + ")" if ":" in frame else frame for frame in text.split(";"))
            if not _waits(frames[-1]):
                found[frames] += int(count)
    return found


def _waits(frame: str) -> bool:
    function, _, where = frame.partition(" (")
    return any(function.rpartition(".")[2] == name and file in where for name, file in WAITING)

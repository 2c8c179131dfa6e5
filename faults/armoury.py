"""Decides at which crash points the next ones die, a few at a time: where all points are armed at once, no story comes far."""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from faults.history import clock
from faults.patches.points import file_of

# Who dies: how many points are armed for them at a time, and for how many seconds none is armed after that. A worker is missed
# by nobody; a web process takes the requests of several fans along.
SIDES = {"worker": (3, 0.0), "web": (1, 1.0)}
SOON = 2.0  # seconds after which a point that nobody has come to keeps no other from being armed


class Armoury:
    """Watches what the processes write down. `named` are patterns of points, each of which is to be hit `each` times."""

    def __init__(self, folder: Path, named: Mapping[str, re.Pattern[str]], each: int) -> None:
        self._folder, self._named, self._each = folder, named, each
        self._last = dict.fromkeys(SIDES, 0.0)
        self._armed = folder / "armed"
        self._armed.mkdir()

    def hits(self) -> Counter[str]:
        """How often somebody died at each point."""
        return self._read("hits")

    def missed(self) -> dict[str, int]:
        """What is named and was not hit often enough, in whichever process; and how often it was."""
        counts = Counter[str]()
        for point, count in self.hits().items():
            counts.update(dict.fromkeys(self._names(point), count))
        return {name: counts[name] for name in self._named if counts[name] < self._each}

    def others(self) -> set[str]:
        """Points that somebody came to and that are not named."""
        return {point for point in self._read("points") if not self._names(point)}

    def arm(self) -> None:
        """Let the next ones who come to a few points die there: what is named first, when that is done anything else once."""
        short, hits, armed = self.missed(), self.hits(), dict(self._waiting())
        known = sorted(self._read("points"), key=lambda point: hits[point])
        done = set[str]()  # what the worker can be hit at: the web server is spared
        for side, (at_once, rest) in SIDES.items():
            mine = [point for point in known if point.startswith(side)]
            wanted = [point for point in mine if (short.keys() - done) & self._names(point)]
            wanted = wanted or [point for point in mine if not self._names(point) and not hits[point]]
            done |= {name for point in mine for name in self._names(point)}
            room = at_once - sum(age < SOON for file, age in armed.items() if file.startswith(side))
            if clock() - self._last[side] > rest:
                for point in [each for each in wanted if file_of(each) not in armed][: max(0, room)]:
                    (self._armed / f"{file_of(point)}.0").touch()
                    self._last[side] = clock()

    def disarm(self) -> None:
        """Nobody dies any more."""
        for file in self._armed.iterdir():
            file.unlink(missing_ok=True)

    def _names(self, point: str) -> set[str]:
        return {name for name, pattern in self._named.items() if pattern.fullmatch(point)}

    def _read(self, file: str) -> Counter[str]:
        """How often each line stands in a file that the processes write."""
        path = self._folder / file
        return Counter(path.read_text().splitlines() if path.exists() else ())

    def _waiting(self) -> Iterator[tuple[str, float]]:
        """The armed points that nobody has come to yet, as files, and for how many seconds."""
        now = time.time()
        for file in self._armed.iterdir():
            with suppress(FileNotFoundError):
                yield file.name.removesuffix(".0"), now - file.stat().st_mtime

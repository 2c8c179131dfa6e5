"""The time the sandbox lives in: real time, plus an offset file shared with the shop, plus its own offset."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Clock:
    """Seconds since the epoch; ``file`` holds a number of seconds as plain text, missing or broken means 0."""

    file: Path | None = None
    base: Callable[[], float] = time.time
    offset: float = 0.0

    def now(self) -> float:
        """The present, in seconds."""
        return self.base() + self.file_offset() + self.offset

    def stamp(self) -> int:
        """The present, in whole seconds, as Stripe's objects carry it."""
        return int(self.now())

    def file_offset(self) -> float:
        """What the shared file says."""
        if self.file is None:
            return 0.0
        try:
            return float(self.file.read_text().strip() or 0)
        except (OSError, ValueError):
            return 0.0

    def set(self, instant: float) -> None:
        """Make ``now()`` equal ``instant``; it goes on from there."""
        self.offset += instant - self.now()

    def advance(self, seconds: float) -> None:
        """Move forward (or back)."""
        self.offset += seconds

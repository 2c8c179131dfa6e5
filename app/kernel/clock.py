"""The one place where the clock is read; everyone else is given `now`."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Clock:
    """UTC time, moved by the seconds in `offset_file` where one is set (demos and tests only)."""

    offset_file: Path | None = None

    def now(self) -> datetime:
        """The time now, aware, in UTC, in whole milliseconds."""
        now = datetime.now(UTC) + self._offset()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _offset(self) -> timedelta:
        if self.offset_file is None:
            return timedelta(0)
        try:
            seconds = float(self.offset_file.read_text().strip() or 0)
        except (FileNotFoundError, ValueError):
            return timedelta(0)
        return timedelta(seconds=seconds) if math.isfinite(seconds) else timedelta(0)

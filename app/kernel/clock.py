"""The one place where the clock is read; everyone else is given `now`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_MOST = 100 * 366 * 86400.0  # a century; a broken file must not stop the shop


@dataclass(frozen=True)
class Clock:
    """UTC time, moved by the seconds in `offset_file` where one is set (demos and tests only)."""

    offset_file: Path | None = None

    def now(self) -> datetime:
        """The time now, aware, in UTC, in whole milliseconds."""
        now = datetime.now(UTC) + self._offset()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def machine(self) -> datetime:
        """What the machine's own clock says, not moved by anything."""
        return datetime.now(UTC)

    def _offset(self) -> timedelta:
        if self.offset_file is None:
            return timedelta(0)
        try:
            seconds = float(self.offset_file.read_text().strip() or 0)
        except (OSError, ValueError):
            return timedelta(0)
        return timedelta(seconds=seconds) if abs(seconds) < _MOST else timedelta(0)  # infinity and "nan" are not

"""How fast one run sold: copies gone at some marks after its drop opened, and as a curve."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

MARKS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30))
POINTS = 60  # of a curve


@dataclass(frozen=True)
class SellThrough:
    """One run since `t0`, when a drop of it first opened (None: not yet).

    `after` is what had been sold (less what came back) at each of MARKS, None for those that are still to come. `steps` are the
    minutes in which that changed, with the sum from then on.
    """

    run_id: int
    catalogue_number: str
    artist: str
    title: str
    run_title: str
    t0: datetime | None
    made: int
    sold: int
    after: tuple[int | None, ...]
    steps: tuple[tuple[datetime, int], ...]

    def per_cent(self, sold: int | None) -> int:
        """What that is of the copies made."""
        return round(100 * (sold or 0) / self.made) if self.made else 0

    def curve(self, now: datetime) -> list[tuple[datetime, int]]:
        """Sums at even distances from T0 until now, or until the last copy has gone; empty before T0."""
        if self.t0 is None or self.t0 >= now:
            return []
        end = self.steps[-1][0] + timedelta(minutes=1) if self.steps and self.sold >= self.made else now
        each = max((end - self.t0) / POINTS, timedelta(minutes=1))
        points = [self.t0 + each * number for number in range(1, POINTS + 1)]
        return [(at, self._at(at)) for at in points if at <= max(end, self.t0 + each)]

    def _at(self, moment: datetime) -> int:
        found = bisect_right(self.steps, moment, key=lambda step: step[0])
        return self.steps[found - 1][1] if found else 0

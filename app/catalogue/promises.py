"""The day or the month by which a pre-order's copies are promised to leave."""

import calendar
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date


@dataclass(frozen=True)
class Promise:
    """`on` is the last day that keeps it: of a month, where only the month was promised."""

    on: date
    by_month: bool = False

    @property
    def words(self) -> str:
        """`March 2027`, or `12 March 2027`."""
        return str(format_date(self.on, "MMMM y" if self.by_month else "d MMMM y", locale="en"))

    def days_after(self, other: "Promise") -> int:
        """How many days later than another; below nought when it is sooner."""
        return (self.on - other.on).days


def of_month(day: date) -> Promise:
    """The whole month of a day."""
    return Promise(day.replace(day=calendar.monthrange(day.year, day.month)[1]), by_month=True)

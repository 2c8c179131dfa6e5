"""The stretches of time that books are kept by, as the label's calendar has them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Span(StrEnum):
    """What a person may ask for by one word."""

    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    THIS_QUARTER = "this-quarter"
    LAST_QUARTER = "last-quarter"
    THIS_YEAR = "this-year"
    LAST_YEAR = "last-year"


_MONTHS = {
    Span.THIS_MONTH: (1, 0),
    Span.LAST_MONTH: (1, 1),
    Span.THIS_QUARTER: (3, 0),
    Span.LAST_QUARTER: (3, 1),
    Span.THIS_YEAR: (12, 0),
    Span.LAST_YEAR: (12, 1),
}


@dataclass(frozen=True)
class Period:
    """Whole days in a zone, the last one included; `begins` and `ends` are the instants, the end not included."""

    first: date
    last: date
    zone: str

    @property
    def begins(self) -> datetime:
        """When the first day begins."""
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """When the day after the last one begins."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def day_of(self, moment: datetime) -> date:
        """The day of an instant in this zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()


def of_span(span: Span, now: datetime, zone: str) -> Period:
    """This or the last month, quarter or year by the zone's calendar."""
    length, ago = _MONTHS[span]
    today = now.astimezone(ZoneInfo(zone)).date()
    month = today.year * 12 + (today.month - 1) // length * length - ago * length
    return Period(_first_of(month), _first_of(month + length) - timedelta(days=1), zone)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)

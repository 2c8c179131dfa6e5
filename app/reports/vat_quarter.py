"""Quarters by a label's calendar, as returns of VAT are made for them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.reports.book_period import Period

_KEY = re.compile(r"(2[01]\d\d)-([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of a year in a zone."""

    year: int
    number: int
    zone: str

    @property
    def key(self) -> str:
        """As addresses and files have it: 2026-4."""
        return f"{self.year}-{self.number}"

    @property
    def name(self) -> str:
        """As people write it: Q4 2026."""
        return f"Q{self.number} {self.year}"

    @property
    def period(self) -> Period:
        """Its days."""
        after = self.next()
        first, then = (date(each.year, each.number * 3 - 2, 1) for each in (self, after))
        return Period(first, then - timedelta(days=1), self.zone)

    def next(self) -> "Quarter":
        """The one after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1, self.zone)

    def before(self) -> "Quarter":
        """The one before it."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1, self.zone)


def of_moment(moment: datetime, zone: str) -> Quarter:
    """The quarter in which something happened."""
    day = moment.astimezone(ZoneInfo(zone))
    return Quarter(day.year, (day.month + 2) // 3, zone)


def of_key(key: str, zone: str) -> Quarter | None:
    """The quarter that an address names; None where it names none."""
    found = _KEY.fullmatch(key)
    return Quarter(int(found[1]), int(found[2]), zone) if found else None

"""What a person typed off the clock on their wall, as an instant: also in the two nights when clocks are turned."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class TwiceThatNight(Exception):
    """The time comes twice that night; ask which one, by its distance from UTC."""

    first: datetime
    second: datetime


class NoSuchTime(Exception):
    """The clocks jump over that time; carries the first one that exists after it."""

    def __init__(self, after: datetime) -> None:
        super().__init__(after)
        self.after = after


def instant(text: str, zone: str, which: str = "") -> datetime:
    """The UTC instant of "2026-11-27T20:00" on a wall in an IANA zone; `which` is "first" or "second" where it comes twice.

    Raises ValueError for what is no time, NoSuchTime and TwiceThatNight in the nights when clocks are turned.
    """
    wall = datetime.strptime(text, FORMAT)  # noqa: DTZ007 - a time on a wall has no zone until the next lines
    if not 2000 <= wall.year < 2200:
        raise ValueError(f"{text!r} is not in a year that a shop works in")
    first, second = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first > second:  # the gap: read with either offset, the wall shows another time
        raise NoSuchTime(_end_of_gap(second, first, ZoneInfo(zone)))
    if which not in {"first", "second"}:
        raise TwiceThatNight(first.astimezone(ZoneInfo(zone)), second.astimezone(ZoneInfo(zone)))
    return first if which == "first" else second


def typed(moment: datetime | None, zone: str) -> str:
    """An instant as a `datetime-local` field holds it; empty for none."""
    return moment.astimezone(ZoneInfo(zone)).strftime(FORMAT) if moment else ""


def fold(moment: datetime | None, zone: str) -> str:
    """Which of two equal times on the wall this instant is: "first" or "second"; empty where there is only one."""
    if moment is None:
        return ""
    here = moment.astimezone(ZoneInfo(zone))
    twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return ("second" if here.fold else "first") if twice else ""


def offset(moment: datetime, zone: str) -> str:
    """The zone's distance from UTC at that instant: UTC+01:00."""
    away = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    minutes = round(away.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first minute after the jump, on the wall."""
    start = before.astimezone(zone).utcoffset()
    at = before
    while at < after and at.astimezone(zone).utcoffset() == start:
        at += timedelta(minutes=1)
    return at.astimezone(zone)


def day_in(moment: datetime, zone: str) -> date:
    """The day that it is in a zone at that instant."""
    return moment.astimezone(ZoneInfo(zone)).date()

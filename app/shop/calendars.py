"""Writes openings of drops as an iCalendar file (RFC 5545)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

LASTS = timedelta(minutes=30)  # what a calendar shows; the moment is what matters
RINGS = timedelta(minutes=-10)


@dataclass(frozen=True)
class Opening:
    """The moment a drop opens; `changed` tells a calendar which of two versions is the newer."""

    uid: str
    title: str
    address: str
    words: str
    at: datetime
    changed: datetime


def calendar(openings: Sequence[Opening], labels: Sequence[str]) -> bytes:
    """A calendar of openings, in UTC, so that every calendar shows its owner's own time."""
    from icalendar import Calendar  # slow import: 0.04 s and 3 MB, and few take a drop into their calendar  # noqa: PLC0415

    found = Calendar()
    found.add("prodid", "-//Runout//Drops//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    if len(set(labels)) == 1:
        found.add("x-wr-calname", f"{labels[0]}: drops")
    for opening in openings:
        found.add_component(_event(opening))
    return bytes(found.to_ical())


def _event(opening: Opening) -> "Event":
    from icalendar import Alarm, Event  # slow import: as above  # noqa: PLC0415

    event = Event()
    event.add("uid", opening.uid)
    event.add("dtstamp", opening.changed.astimezone(UTC))
    event.add("dtstart", opening.at.astimezone(UTC))
    event.add("duration", LASTS)
    event.add("summary", opening.title)
    event.add("description", f"{opening.words}\n\n{opening.address}".strip())
    event.add("url", opening.address)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", opening.title)
    alarm.add("trigger", RINGS)
    event.add_component(alarm)
    return event

"""What the page components need of the template environment; all pure, so that previews and tests can use it too."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from app.inventory import numbers_typed
from app.inventory.numbers import numbered, padded
from app.kernel import zones
from app.kernel.money import Money
from app.reports.order_list import MOST_COUNTED
from app.web.drawing import draw
from app.web.options import options
from app.web.strip import strip

place = zones.place


def iso(moment: datetime) -> str:
    """An aware moment as the machine-readable text of a `<time>`: UTC, to the second, with a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_zone(moment: datetime, zone: str, pattern: str = "EEEE d MMMM, HH:mm", locale: str = "en") -> str:
    """An aware moment on the wall of this zone (an IANA name), e.g. `Friday 27 November, 20:00`."""
    return str(format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=locale))


def money(amount: int | Money, currency: str = "", locale: str = "en") -> str:
    """Minor units and their currency (or a Money) as people write it: `2400, "EUR"` is `€24.00`."""
    value = amount if isinstance(amount, Money) else Money(amount, currency)
    return value.format(locale)


def clock_length(seconds: float) -> str:
    """A track's length: 245 seconds is `4:05`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def file_size(size: int) -> str:
    """A file's size as people say it: `812 kB`, `640 MB`, `1.4 GB`."""
    for unit, length, digits in (("GB", 10**9, 1), ("MB", 10**6, 0), ("kB", 10**3, 0)):
        if size >= length:
            return f"{size / length:,.{digits}f} {unit}"
    return f"{size} bytes"


def stretch(seconds: int) -> str:
    """A stretch of time after "each": `second`, `10 seconds`, `minute`, `2 hours`."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            count = seconds // length
            return unit if count == 1 else f"{count} {unit}s"
    return "second" if seconds == 1 else f"{seconds} seconds"


def counted(number: int) -> str:
    """A number of orders, which are counted up to some: `2,000+` is more than that."""
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


GLOBALS: dict[str, Callable[..., Any]] = {"strip_of": strip, "draw_object": draw, "options_of": options}
FILTERS: dict[str, Callable[..., Any]] = {
    "pad": padded,
    "no": numbered,
    "spans": numbers_typed.write,
    "iso": iso,
    "in_zone": in_zone,
    "place": place,
    "money": money,
    "clock_length": clock_length,
    "counted": counted,
    "stretch": stretch,
    "file_size": file_size,
}

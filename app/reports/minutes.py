"""The minutes that lines are summed by: the finest step in which a day can begin, in any zone."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func
from sqlalchemy.orm import InstrumentedAttribute


def minute_of(at: InstrumentedAttribute[Any] | ColumnElement[Any]) -> ColumnElement[str]:
    """The minute of an instant as text, "2026-11-27 19:05": in UTC on both databases."""
    return func.substr(cast(at, String), 1, 16)


def instant(minute: str) -> datetime:
    """The instant that such a text names."""
    return datetime.fromisoformat(minute).replace(tzinfo=UTC)

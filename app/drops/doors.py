"""Whether a drop may be bought from right now; pure, so that staff can preview any moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.drops.models import Drop
from app.kernel.errors import Closed, NotFound, NotOpenYet, Paused

ABOUT_TO_OPEN = timedelta(minutes=15)


class DoorState(StrEnum):
    """What a drop page says."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    ABOUT_TO_OPEN = "about-to-open"
    OPEN = "open"
    ALL_HELD = "all-held"
    PAUSED = "paused"
    SOLD_OUT = "sold-out"
    CLOSED = "closed"


@dataclass(frozen=True)
class Door:
    """The decisions and times that make a drop's state, without its stock; the reasons are what fans are told."""

    published: bool
    opens_at: datetime
    closes_at: datetime | None
    paused: bool
    pause_reason: str = ""
    stop_reason: str = ""
    again_reason: str = ""  # why it goes on after a stop

    @classmethod
    def of(cls, drop: Drop) -> "Door":
        """The door of a stored drop; a stop moves its closing time."""
        ends = [at for at in (drop.closes_at, drop.closed_at) if at is not None]
        return cls(
            published=drop.published_at is not None,
            opens_at=drop.opens_at,
            closes_at=min(ends, default=None),
            paused=drop.paused_at is not None,
            pause_reason=drop.pause_reason,
            stop_reason=drop.close_reason or "" if drop.closed_at else "",
            again_reason="" if drop.closed_at else drop.close_reason or "",
        )


def state(door: Door, now: datetime, *, available: int, held: int) -> DoorState:
    """What the page says, given how many copies of all its runs are free and held."""
    if not door.published:
        return DoorState.DRAFT
    if door.closes_at is not None and now >= door.closes_at:
        return DoorState.CLOSED
    yet = now < door.opens_at
    if yet and not door.paused:
        return DoorState.ABOUT_TO_OPEN if door.opens_at - now <= ABOUT_TO_OPEN else DoorState.ANNOUNCED
    if not (yet or available or held):
        return DoorState.SOLD_OUT
    if door.paused:
        return DoorState.PAUSED
    return DoorState.OPEN if available else DoorState.ALL_HELD


def knock(door: Door, slug: str, now: datetime) -> None:
    """Raise the refusal of a drop that is not open: NotFound, NotOpenYet, Closed or Paused."""
    if not door.published:
        raise NotFound("There is no such drop.")
    if now < door.opens_at:
        raise NotOpenYet("This drop has not opened yet. The drop page opens by itself, there is no need to reload it.", drop=slug)
    if door.closes_at is not None and now >= door.closes_at:
        over = f"The label has stopped this drop. {door.stop_reason}" if door.stop_reason else "This drop is over."
        raise Closed(f"{over} Nothing was held for you.", drop=slug)
    if door.paused:
        reason = f" {door.pause_reason}" if door.pause_reason else ""
        raise Paused(f"The label has paused this drop.{reason} Holds that were made before live on.", drop=slug)

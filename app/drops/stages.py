"""How far a drop has come, and what may therefore still be changed; pure."""

from datetime import datetime
from enum import StrEnum

from app.drops.doors import Door


class Stage(StrEnum):
    """What the desk says: nobody sees a draft; a running drop is open or paused."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    RUNNING = "running"
    OVER = "over"


# What the form may change at each stage; title and words may always be put right.
EDITABLE: dict[Stage, frozenset[str]] = {
    Stage.DRAFT: frozenset({"slug", "opens_at", "closes_at", "limit_per_fan", "hold_minutes", "network", "runs", "fewer_runs"}),
    Stage.ANNOUNCED: frozenset({"opens_at", "closes_at", "limit_per_fan", "hold_minutes", "network", "runs", "fewer_runs"}),
    Stage.RUNNING: frozenset({"closes_at", "limit_per_fan", "hold_minutes", "network", "runs"}),
    Stage.OVER: frozenset(),
}


def stage(door: Door, now: datetime) -> Stage:
    """The stage of a drop with this door."""
    if not door.published:
        return Stage.DRAFT
    if door.closes_at is not None and now >= door.closes_at:
        return Stage.OVER
    return Stage.ANNOUNCED if now < door.opens_at else Stage.RUNNING

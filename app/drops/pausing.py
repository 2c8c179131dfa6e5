"""Pausing a drop and resuming it; holds made before live on."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.stages import Stage, stage
from app.drops.writing import locked
from app.kernel.errors import BadInput, Conflict

GOING = {Stage.ANNOUNCED, Stage.RUNNING}


def pause(session: Session, drop_id: int, reason: str, now: datetime) -> Drop:
    """Stop new holds; those made before live on. The reason is shown to fans. BadInput without one, Conflict when over."""
    if not reason:
        raise BadInput("", {"reason": "Say why in a sentence: fans read it on the drop page."})
    drop = locked(session, drop_id)
    if stage(Door.of(drop), now) not in GOING:
        raise Conflict("Only a published drop that is not over can be paused.")
    drop.paused_at, drop.pause_reason = drop.paused_at or now, reason
    session.flush()
    return drop


def resume(session: Session, drop_id: int, now: datetime) -> Drop:
    """Let fans take copies again. Conflict when it is over or not paused."""
    drop = locked(session, drop_id)
    if stage(Door.of(drop), now) not in GOING or drop.paused_at is None:
        raise Conflict("This drop is not paused, so there is nothing to resume.")
    drop.paused_at, drop.pause_reason = None, ""
    session.flush()
    return drop

"""Stopping a running drop before its time with a reason that fans read, and reopening it; holds made before live on."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.stages import Stage, stage
from app.drops.writing import locked
from app.kernel.errors import BadInput, Conflict


def stop(session: Session, drop_id: int, reason: str, now: datetime) -> Drop:
    """Close a running drop now; holds made before live on. BadInput without a reason, Conflict when it is not running."""
    if not reason:
        raise BadInput("", {"reason": "Say why in a sentence: fans read it on the drop page."})
    drop = locked(session, drop_id)
    if stage(Door.of(drop), now) is not Stage.RUNNING:
        raise Conflict("Only a drop that is running can be stopped. Take an announced one back to draft instead.")
    drop.closed_at, drop.close_reason = now, reason
    session.flush()
    return drop


def may_reopen(drop: Drop, now: datetime) -> bool:
    """Was it stopped, and is its planned closing time still to come?"""
    return drop.closed_at is not None and (drop.closes_at is None or now < drop.closes_at)


def reopen(session: Session, drop_id: int, reason: str, now: datetime) -> Drop:
    """Undo a stop; a drop that was paused as well stays paused. Fans read why it goes on.

    BadInput without a reason, Conflict when it was not stopped, or would be over by now.
    """
    if not reason:
        raise BadInput("", {"reason": "Say why in a sentence: fans read it on the drop page."})
    drop = locked(session, drop_id)
    if drop.closed_at is None:
        raise Conflict("This drop was not stopped, so there is nothing to reopen.")
    if not may_reopen(drop, now):
        raise Conflict("Its planned closing time is over, so this drop stays closed. What is left can be sold in another drop.")
    drop.closed_at, drop.close_reason = None, reason
    session.flush()
    return drop

"""What staff do with a finished drop: publish it and take it back."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue import labels, runs
from app.drops import last_hour
from app.drops.doors import Door
from app.drops.models import Drop
from app.drops.ready import check_ready
from app.drops.stages import Stage, stage
from app.drops.writing import locked
from app.kernel.errors import Conflict


def publish(session: Session, drop_id: int, now: datetime, *, at_once: bool) -> Drop:
    """Announce a drop to everybody; `at_once` when the person was told that its doors open with this click.

    Conflict when it is published already, cannot be bought from, or would open at once without the person knowing.
    """
    drop = locked(session, drop_id)
    for run_id in sorted(entry.run_id for entry in drop.entries):
        runs.locked(session, run_id)  # whoever changes a run's price waits, and then sees that its drop is published
    labels.locked(session, drop.label_id)  # whoever changes the label's currency waits, and then sees this drop
    if drop.published_at is not None:
        raise Conflict("This drop is published already.")
    check_ready([entry.run for entry in drop.entries])
    if drop.closes_at is not None and drop.closes_at <= now:
        raise Conflict("This drop's closing time is over. Choose a later one first.")
    if drop.opens_at <= now and not at_once:
        raise Conflict("The opening time has come while you were looking, so this would open the doors at once. Look again first.")
    drop.published_at, drop.closed_at, drop.close_reason, drop.paused_at, drop.pause_reason = now, None, None, None, ""
    session.flush()
    return drop


def unpublish(session: Session, drop_id: int, now: datetime) -> Drop:
    """Take an announced drop back to draft. Conflict once it has opened, and in the hour before."""
    drop = locked(session, drop_id)
    if last_hour.has_begun(Door.of(drop), now):
        raise Conflict("This drop opens within the hour, so it is not taken back any more. Pause it if it must not open.")
    if stage(Door.of(drop), now) is not Stage.ANNOUNCED:
        raise Conflict("Only a drop that is announced and has not opened can be taken back. Pause it, or stop it.")
    drop.published_at = None
    session.flush()
    return drop

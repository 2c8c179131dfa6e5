"""When copies may come back, and when the last one went: read from holds and movements."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inventory.models import Copy, Hold, StockMovement
from app.inventory.states import CopyState, HoldState


@dataclass(frozen=True)
class Ending:
    """`holds` holds end within `minutes` minutes."""

    holds: int
    minutes: int


def next_ending(session: Session, run_ids: Sequence[int], now: datetime) -> Ending | None:
    """How many holds on these runs end with the next one, to the minute; None when all are being decided right now."""
    ends = session.scalars(
        select(Hold.expires_at)
        .join(Copy, Copy.hold_id == Hold.id)
        .where(Copy.run_id.in_(run_ids), Hold.state == HoldState.ACTIVE, Hold.expires_at > now)
        .group_by(Hold.id, Hold.expires_at)
        .order_by(Hold.expires_at)
    ).all()
    if not ends:
        return None
    minutes = max(1, math.ceil((ends[0] - now).total_seconds() / 60))
    return Ending(sum(end <= now + timedelta(minutes=minutes) for end in ends), minutes)


def sold_out_at(session: Session, run_ids: Sequence[int]) -> datetime | None:
    """When the last copy of these runs was allocated."""
    last = select(func.max(StockMovement.at)).join(Copy, Copy.id == StockMovement.copy_id)
    return session.scalar(last.where(Copy.run_id.in_(run_ids), StockMovement.after == CopyState.ALLOCATED))

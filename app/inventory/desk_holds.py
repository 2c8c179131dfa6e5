"""Holds that staff make for somebody: no fan's browser knows them, and a note beside each says for whom and why."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.inventory import claims, holds
from app.inventory.models import Copy, DeskHold, Hold
from app.inventory.states import HoldState


@dataclass(frozen=True)
class Asked:
    """Who holds a copy for whom, and why; `actor` is how they are written into movements."""

    for_whom: str
    reason: str
    staff_id: int
    actor: str


def begin(session: Session, copy: Copy, drop_id: int, asked: Asked, now: datetime, until: datetime) -> Hold | None:
    """Move one copy into a hold of its own; nothing when it is not free, and the caller's transaction is to be given up."""
    fan = f"{holds.AT_THE_DESK}{secrets.token_urlsafe(16)}"
    hold = Hold(drop_id=drop_id, fan=fan, created_at=now, expires_at=until, state=HoldState.ACTIVE)
    session.add(hold)
    session.flush()
    session.add(DeskHold(hold_id=hold.id, staff_id=asked.staff_id, for_whom=asked.for_whom, reason=asked.reason))
    numbers = [] if copy.number is None else [copy.number]
    if not numbers or not claims.hold_these(session, copy.run_id, numbers, hold.id, now, asked.actor, asked.reason):
        return None
    return hold


def of_copy(session: Session, copy: Copy) -> DeskHold | None:
    """What is known of the desk's hold that has this copy, if one has it."""
    return session.get(DeskHold, copy.hold_id) if copy.hold_id is not None else None

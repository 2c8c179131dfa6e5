"""The second person: who may confirm what somebody asked for, and the one who may be their own, later and twice sure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.kernel.errors import Conflict, Forbidden

WAIT = timedelta(minutes=10)


def may_alone(asked_by: int | None, staff_id: int, able: Sequence[int]) -> bool:
    """May this person confirm what they asked for themselves? Only where nobody else could; `able` are those who can."""
    return asked_by == staff_id and list(able) == [staff_id]


def check_alone(asked_at: datetime, reason: str, now: datetime, *, alone: bool) -> None:
    """Whoever asked for it says yes: Forbidden unless they are `alone`, Conflict too early or without a reason.

    Their password is checked before (see staff/again.py).
    """
    if not alone:
        raise Forbidden("You asked for this, so somebody else has to say yes to it.")
    if now < asked_at + WAIT:
        raise Conflict("Nobody else could confirm this, so you may yourself, but not before ten minutes have passed.")
    if not reason:
        raise Conflict("Say in a few words why nobody else could confirm this.")

"""Ends every fault, then waits until nothing is under way any more: holds over, sessions ended, money decided, outbox empty."""

import time
from collections.abc import Mapping
from contextlib import suppress

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.db import reading
from app.kernel.errors import Unavailable
from faults.rig import Rig

GIVE_UP = 180.0  # seconds, on a very busy machine
STEP = 330.0  # seconds of the shop's clock: a little more than the five minutes that the first pay gives
STILL = 2.5  # seconds without any change, after which the clock is moved on
UNDER_WAY = {
    "live holds": "SELECT count(*) FROM holds WHERE state IN ('active', 'closing')",
    "pending attempts": "SELECT count(*) FROM checkout_attempts WHERE state IN ('wanted', 'open', 'unknown')",
    "undecided payments": "SELECT count(*) FROM payments WHERE state = 'authorised'",
    "jobs": "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'leased')",
}
UNSENT = "SELECT count(*) FROM outbox WHERE kind LIKE 'mail.%' AND state IN ('waiting', 'leased')"
LETTERS = {"letters": "SELECT count(*) FROM outbox WHERE state = 'leased' AND kind LIKE 'mail.%'"}


class NotQuiet(Exception):
    """Something never ends; the message says what."""


def heal(rig: Rig) -> None:
    """Stripe and the mail server are well again, and what Stripe has kept back is sent."""
    rig.sink.heal()
    rig.control.clear_faults()
    rig.control.limit(25)
    rig.control.webhooks("deliver")
    rig.control.flush()


def settle_down(rig: Rig, give_up: float = GIVE_UP) -> float:
    """Heal, and move the clock on until nothing is under way; the seconds that took. Raises NotQuiet."""
    begun = time.monotonic()
    heal(rig)
    rig.ready()
    before: dict[str, int] = {}
    changed, moved = time.monotonic(), False
    while True:
        left = under_way(rig)
        if left == {} and _delivered(rig):
            return time.monotonic() - begun
        now = time.monotonic()
        if now - begun > give_up:
            raise NotQuiet(f"after {give_up:.0f} s still under way: {left or 'webhooks'}")
        if left != before:
            before, changed = left, now
        # What waits now waits for the clock. A letter on its way would lose its lease by it, and be sent again by another hand.
        if now - changed > STILL or not (moved or under_way(rig, LETTERS)):
            rig.forward(seconds=STEP)
            rig.control.flush()
            moved, changed = True, now
        time.sleep(0.2)


def under_way(rig: Rig, kinds: Mapping[str, str] = UNDER_WAY) -> dict[str, int]:
    """What is not finished, and how much of it; a database that cannot be asked is not quiet either."""
    found = {"the database": 1}
    with suppress(SQLAlchemyError, Unavailable), reading(rig.db) as session:
        found = {what: int(session.scalar(text(sql)) or 0) for what, sql in kinds.items()}
    return {what: count for what, count in found.items() if count}


def _delivered(rig: Rig) -> bool:
    try:
        return not [each for each in rig.control.deliveries() if each["state"] in {"pending", "held"}]
    except requests.RequestException:
        return False

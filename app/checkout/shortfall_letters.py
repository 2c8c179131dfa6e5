"""The letters about copies that did not come: one per order and occasion, about some of its copies."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.kernel import outbox

SHORT = "mail.short"


class Say(StrEnum):
    """What is said: an offer, its reminder, what was answered, that an answer was undone, or what came of it."""

    OFFER = "offer"
    REMINDER = "reminder"
    REFUNDING = "refunding"
    WAITS = "waits"
    OPEN_AGAIN = "open_again"
    EXCHANGED = "exchanged"
    REPLACED = "replaced"
    CAME = "came"


def tell_first(session: Session, say: Say, order_id: int, shortfall_ids: Sequence[int], delivery_id: int, now: datetime) -> None:
    """Have the fan of an order told what a delivery means for it, once for each of the two things it may mean."""
    _enqueue(session, say, order_id, shortfall_ids, f"{order_id}:{delivery_id}-{say}", now, once=True)


def tell(session: Session, say: Say, order_id: int, shortfall_ids: Sequence[int], now: datetime) -> None:
    """Have the fan of an order told, in the sequence of asking."""
    key = f"{order_id}:{say}:{'.'.join(map(str, shortfall_ids))}:{int(now.timestamp())}"
    _enqueue(session, say, order_id, shortfall_ids, key, now)


def _enqueue(
    session: Session, say: Say, order_id: int, shortfall_ids: Sequence[int], key: str, now: datetime, *, once: bool = False
) -> None:
    payload = {"order": order_id, "say": say.value, "shortfalls": list(shortfall_ids), "at": int(now.timestamp())}
    outbox.enqueue(session, SHORT, key, payload, now=now, once=once, priority=6)

"""Forgets under which addresses limits were counted, as soon as no hold counts under them any more."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, not_, select, tuple_
from sqlalchemy.orm import Session

from app.drops.models import BuyerLock, Drop
from app.inventory.models import Hold

MOST = 200


def idle(session: Session, label_id: int, email_key: str | None = None) -> Sequence[tuple[int, str]]:
    """Some of a label's buyers whom no hold names; or just the one with this address."""
    named = exists().where(Hold.drop_id == BuyerLock.drop_id, Hold.email_key == BuyerLock.email_key)
    wanted = select(BuyerLock.drop_id, BuyerLock.email_key).join(Drop, Drop.id == BuyerLock.drop_id)
    if email_key is not None:
        wanted = wanted.where(BuyerLock.email_key == email_key)
    found = session.execute(wanted.where(Drop.label_id == label_id, not_(named)).limit(MOST)).all()
    return [(drop_id, key) for drop_id, key in found]


def forget(session: Session, buyers: Sequence[tuple[int, str]]) -> None:
    """Whoever comes to be counted again is written down again."""
    if buyers:
        session.execute(delete(BuyerLock).where(tuple_(BuyerLock.drop_id, BuyerLock.email_key).in_(buyers)))

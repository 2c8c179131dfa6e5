"""Whether fans still live where their order goes: asked once before the pack lock, and answered on the order's page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.fulfilment.preorder_rows import AddressCheck, Answer
from app.kernel.upsert import insert


def asked(session: Session, run_id: int, order_ids: Sequence[int], now: datetime) -> None:
    """Note that the fan of these orders was asked."""
    for order_id in order_ids:
        row = insert(session, AddressCheck).values(order_id=order_id, run_id=run_id, asked_at=now)
        session.execute(row.on_conflict_do_nothing())


def answer(session: Session, order_id: int, said: Answer, now: datetime) -> bool:
    """Note what a fan said; the last word counts. False when nobody had asked."""
    mine = update(AddressCheck).where(AddressCheck.order_id == order_id)
    return bool(session.scalars(mine.values(answer=said, answered_at=now).returning(AddressCheck.run_id)).all())


def of_order(session: Session, order_id: int) -> AddressCheck | None:
    """What was asked last about an order."""
    mine = select(AddressCheck).where(AddressCheck.order_id == order_id)
    return session.scalars(mine.order_by(AddressCheck.asked_at.desc()).limit(1)).first()

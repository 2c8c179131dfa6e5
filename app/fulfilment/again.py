"""What became of copies after their parcel had left, and which orders send others for them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.fulfilment.models import Mishap
from app.orders.models import OrderLine


def mishaps(session: Session, order_id: int) -> Sequence[Mishap]:
    """Those of an order's own copies, oldest first."""
    mine = select(Mishap).join(OrderLine, OrderLine.id == Mishap.order_line_id).where(OrderLine.order_id == order_id)
    return session.scalars(mine.order_by(Mishap.id)).all()


def count(session: Session, order_id: int) -> int:
    """How many they are: who saw fewer has not seen all."""
    mine = select(func.count(Mishap.id)).join(OrderLine, OrderLine.id == Mishap.order_line_id)
    return session.scalar(mine.where(OrderLine.order_id == order_id)) or 0


def stands_for(session: Session, order_id: int) -> Sequence[Mishap]:
    """Those that an order makes good, oldest first; none for an order that a fan made."""
    return session.scalars(select(Mishap).where(Mishap.again_order_id == order_id).order_by(Mishap.id)).all()


def worth(session: Session, order_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """What the copies in orders that make good were sold for, by order and run: they cost nothing now, and customs asks."""
    if not order_ids:
        return {}
    rows = session.execute(
        select(Mishap.again_order_id, OrderLine.run_id, func.max(Mishap.unit_amount))
        .join(OrderLine, OrderLine.id == Mishap.order_line_id)
        .where(Mishap.again_order_id.in_(order_ids))
        .group_by(Mishap.again_order_id, OrderLine.run_id)
    )
    return {(order_id, run_id): unit for order_id, run_id, unit in rows if order_id is not None}

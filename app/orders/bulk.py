"""Deeds done to many orders, a slice at a time: what was asked for, and how far it has come, are rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.kernel.errors import BadInput, Conflict
from app.orders.models import Bulk, BulkOrder, BulkState, BulkVerb, Order

MOST = 1_000  # orders of one deed
UNDOABLE = (BulkVerb.LOCK, BulkVerb.TAG, BulkVerb.UNTAG, BulkVerb.PACK)


def begin(session: Session, staff_id: int, verb: BulkVerb, order_ids: Sequence[int], now: datetime, tag_id: int | None) -> Bulk:
    """Write down what is to be done to which orders; BadInput for more than may be done at once."""
    if len(order_ids) > MOST:
        raise BadInput(f"That is more than {MOST} orders. Narrow the list with its filters and do it in parts.")
    bulk = Bulk(staff_id=staff_id, verb=verb, tag_id=tag_id, at=now)
    session.add(bulk)
    session.flush()
    rows = [{"bulk_id": bulk.id, "order_id": id_, "state": BulkState.WAITING, "why": ""} for id_ in dict.fromkeys(order_ids)]
    session.execute(insert(BulkOrder), rows)
    return bulk


def undo(bulk: Bulk, now: datetime) -> None:
    """From now on what was done is undone; what is still to be done is left. Conflict for what cannot be undone."""
    if bulk.verb not in UNDOABLE:
        raise Conflict("A mail that has left cannot be called back.")
    if bulk.undo_at is not None:
        raise Conflict("This is undone already.")
    bulk.undo_at = now


def ahead(session: Session, bulk: Bulk, *, most: int) -> list[int]:
    """The next orders, by id."""
    wanted = select(BulkOrder.order_id).where(BulkOrder.bulk_id == bulk.id, BulkOrder.state == before(bulk))
    return list(session.scalars(wanted.order_by(BulkOrder.order_id).limit(most)))


def take(session: Session, bulk: Bulk, order_id: int, now: datetime) -> bool:
    """Make one order's turn this transaction's: done, or undone, if it commits. False when it has had its turn."""
    if bulk.undo_at is None:
        return _move(session, bulk, order_id, BulkState.DONE, done_at=now)
    return _move(session, bulk, order_id, BulkState.UNDONE)


def refuse(session: Session, bulk: Bulk, order_id: int, why: str) -> None:
    """Note why it was not done, or could not be undone."""
    _move(session, bulk, order_id, BulkState.REFUSED if bulk.undo_at is None else BulkState.KEPT, why=why)


def before(bulk: Bulk) -> BulkState:
    """The state of an order whose turn is still to come."""
    return BulkState.WAITING if bulk.undo_at is None else BulkState.DONE


def _move(session: Session, bulk: Bulk, order_id: int, after: BulkState, **noted: object) -> bool:
    turn = update(BulkOrder).where(BulkOrder.bulk_id == bulk.id, BulkOrder.order_id == order_id, BulkOrder.state == before(bulk))
    return bool(session.execute(turn.values(state=after, **noted).returning(BulkOrder.order_id)).all())


def labels(session: Session, bulk: Bulk) -> list[tuple[int, int]]:
    """The labels whose orders these are, with how many."""
    mine = select(Order.label_id, func.count()).join(BulkOrder, BulkOrder.order_id == Order.id)
    return [(id_, count) for id_, count in session.execute(mine.where(BulkOrder.bulk_id == bulk.id).group_by(Order.label_id))]

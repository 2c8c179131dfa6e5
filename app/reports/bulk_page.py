"""How far a deed on many orders has come, and which orders it could not be done to."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.orders import bulk as bulk_deeds
from app.orders.models import Bulk, BulkOrder, BulkState, BulkVerb, Order, Tag

MOST = 200  # refusals that are listed


@dataclass(frozen=True)
class NotDone:
    """An order that stayed as it was, and why."""

    order_id: int
    reference: str
    why: str


@dataclass(frozen=True)
class BulkPage:
    """`ahead` are still to have their turn, `whole` is all of them; while undoing these count what was done before."""

    id: int
    verb: BulkVerb
    tag: str
    undoing: bool
    whole: int
    ahead: int
    done: int
    undone: int
    refused: int
    may_undo: bool
    not_done: tuple[NotDone, ...]


def bulk_page(session: Session, bulk: Bulk) -> BulkPage:
    """The page of one deed."""
    mine = select(BulkOrder.state, func.count()).where(BulkOrder.bulk_id == bulk.id).group_by(BulkOrder.state)
    found = dict(session.execute(mine).all())
    undoing, done, undone = bulk.undo_at is not None, found.get(BulkState.DONE, 0), found.get(BulkState.UNDONE, 0)
    bad = BulkState.KEPT if undoing else BulkState.REFUSED
    whole = done + undone + found.get(BulkState.KEPT, 0) if undoing else sum(found.values())
    return BulkPage(
        id=bulk.id,
        verb=bulk.verb,
        tag=session.scalar(select(Tag.name).where(Tag.id == bulk.tag_id)) or "",
        undoing=undoing,
        whole=whole,
        ahead=found.get(bulk_deeds.before(bulk), 0),
        done=done,
        undone=undone,
        refused=found.get(bad, 0),
        may_undo=not undoing and done > 0 and bulk.verb in bulk_deeds.UNDOABLE,
        not_done=_not_done(session, bulk, bad),
    )


def _not_done(session: Session, bulk: Bulk, state: BulkState) -> tuple[NotDone, ...]:
    stayed = select(Order, BulkOrder.why).join(BulkOrder).where(BulkOrder.bulk_id == bulk.id, BulkOrder.state == state)
    return tuple(NotDone(order.id, order.reference, why) for order, why in session.execute(stayed.order_by(Order.id).limit(MOST)))

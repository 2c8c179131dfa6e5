"""The parcels of a label that may be posted, judged for one carrier: the good ones, and the others each with its reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.fulfilment.checks import Fault, faults
from app.fulfilment.posting import Posting
from app.fulfilment.shapes.shape import Mend, Shape
from app.orders.models import Order
from app.reports.awaited import awaited
from app.reports.order_list import Wish
from app.reports.order_stage import CONDITIONS, Stage
from app.reports.postings import postings

STAGES = (Stage.TO_PACK, Stage.PACKED)
MOST = 1_000  # parcels on one page
_PIECE = 100  # parcels read at once
_AWAITS = Fault("A refund of this order waits for a second person, so its parcel stays here.", Mend.ORDER)
_EMPTY = Fault("There is nothing in it any more: all its copies were taken out.", Mend.ORDER)


@dataclass(frozen=True)
class Judged:
    """A parcel, and why the carrier would refuse it; nothing when it can be posted."""

    posting: Posting
    faults: tuple[Fault, ...]


def chosen(session: Session, wish: Wish, ids: Sequence[int]) -> list[int]:
    """Those of the ids, or of all, that may be posted, oldest first; one more than MOST where there are more."""
    stages = STAGES if wish.stage is None else (wish.stage,)
    wanted = select(Order.id).where(Order.label_id.in_(wish.label_ids), or_(*(CONDITIONS[stage] for stage in stages)))
    if wish.drop_id is not None:
        wanted = wanted.where(Order.drop_id == wish.drop_id)
    if ids:
        wanted = wanted.where(Order.id.in_(ids))
    return list(session.scalars(wanted.order_by(Order.id).limit(MOST + 1)))


def pieces(order_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in pieces that are read one after the other, so that no transaction lasts as long as a slow download."""
    return (order_ids[start : start + _PIECE] for start in range(0, len(order_ids), _PIECE))


def judged(session: Session, shape: Shape, order_ids: Sequence[int]) -> list[Judged]:
    """Each of these orders' parcels, judged for a carrier, in the sequence given."""
    found = postings(session, order_ids)
    waits = awaited(session, [id_ for posting in found for id_ in posting.order_ids])
    return [Judged(posting, _faults(shape, posting, awaits=any(id_ in waits for id_ in posting.order_ids))) for posting in found]


def _faults(shape: Shape, posting: Posting, *, awaits: bool) -> tuple[Fault, ...]:
    if not posting.things:
        return (_EMPTY,)
    return (_AWAITS,) if awaits else tuple(faults(shape, posting))

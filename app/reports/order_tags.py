"""The tags of orders, and those that a label uses, each with the mark by which it is known at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.orders.models import Tag, TaggedOrder

MARKS = 6  # different marks: a shape and an ink each, so that none is told by colour alone
MOST = 200  # of a label's tags that are offered


@dataclass(frozen=True)
class TagRow:
    """A tag; `mark` is from 0 to MARKS - 1 and stays the same for ever."""

    id: int
    label_id: int
    name: str

    @property
    def mark(self) -> int:
        """Which shape and ink it has."""
        return self.id % MARKS


def of_orders(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[TagRow, ...]]:
    """The tags of each of these orders, by name; orders without any are left out."""
    wanted = select(TaggedOrder.order_id, Tag.id, Tag.label_id, Tag.name).join(Tag, Tag.id == TaggedOrder.tag_id)
    found: dict[int, tuple[TagRow, ...]] = {}
    for order_id, id_, label_id, name in session.execute(wanted.where(TaggedOrder.order_id.in_(order_ids)).order_by(Tag.key)):
        found[order_id] = (*found.get(order_id, ()), TagRow(id_, label_id, name))
    return found


def in_use(session: Session, label_ids: Sequence[int]) -> tuple[TagRow, ...]:
    """The tags that some order of these labels has, by name."""
    used = exists().where(TaggedOrder.tag_id == Tag.id)
    wanted = select(Tag.id, Tag.label_id, Tag.name).where(Tag.label_id.in_(label_ids), used).order_by(Tag.key).limit(MOST)
    return tuple(TagRow(*found) for found in session.execute(wanted))

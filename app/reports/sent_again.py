"""What became of copies that had left, and what is sent for them, in facts that the fan, the desk and the letters share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import again
from app.fulfilment.models import Mishap, Trouble
from app.inventory.models import Copy
from app.inventory.numbers import numbered
from app.orders.models import Order, OrderLine


@dataclass(frozen=True)
class Happened:
    """Some copies of one run with the same fate; `again_id` and `again` name the order that sends others for them, if one does."""

    what: Trouble
    copies: str
    many: bool
    words: str
    again_id: int | None
    again: str


@dataclass(frozen=True)
class InPlace:
    """What an order makes good: `order_id` and `reference` name the one before it, `what` became of its copies."""

    order_id: int
    reference: str
    what: Trouble
    copies: str
    many: bool


def of_order(session: Session, order: Order) -> tuple[Happened, ...]:
    """Of the order's own copies, oldest first."""
    found = again.mishaps(session, order.id)
    references = _references(session, [each.again_order_id for each in found if each.again_order_id is not None])
    lines = {line.id: line for line in order.lines}
    told = []
    for (_, what, again_id, line_id), group in groupby(found, _alike):
        some = list(group)
        copies = _named(session, some, lines[line_id])
        told.append(Happened(what, copies, len(some) > 1, some[0].words, again_id, references.get(again_id or 0, "")))
    return tuple(told)


def in_place_of(session: Session, order: Order) -> InPlace | None:
    """What an order stands for; None for one that a fan made."""
    found = again.stands_for(session, order.id)
    if not found:
        return None
    line = session.get_one(OrderLine, found[0].order_line_id)
    before = session.get_one(Order, line.order_id)
    lines = {each.id: each for each in before.lines}
    named = [_named(session, list(some), lines[id_]) for id_, some in groupby(found, lambda each: each.order_line_id)]
    return InPlace(before.id, before.reference, found[0].what, ", ".join(named), len(found) > 1)


def _alike(each: Mishap) -> tuple[datetime, Trouble, int | None, int]:
    return each.at, each.what, each.again_order_id, each.order_line_id


def _named(session: Session, mishaps: Sequence[Mishap], line: OrderLine) -> str:
    numbers = session.scalars(select(Copy.number).where(Copy.id.in_([each.copy_id for each in mishaps])).order_by(Copy.number))
    return numbered([number for number in numbers if number is not None], line.run.last_number)


def _references(session: Session, ids: Sequence[int]) -> dict[int, str]:
    return {order.id: order.reference for order in session.scalars(select(Order).where(Order.id.in_(ids)))}

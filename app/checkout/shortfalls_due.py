"""What the clock finds about copies that did not come: fans who have not answered, and those whose last day is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import shortfall_letters
from app.checkout.shortfall_answers import GIVE_BACK
from app.checkout.shortfall_letters import Say
from app.inventory.delivery_models import Delivery, Shortfall, ShortfallState
from app.kernel import outbox
from app.orders.models import Order, OrderLine, OrderState

REMIND = timedelta(days=3)  # before the last day; halfway, where the time is shorter than twice that
AT_ONCE = 50


@dataclass(frozen=True)
class Due:
    """Offers whose last day is over, by order those to be reminded of, and refunds that could not be when they were due."""

    over: tuple[int, ...]
    remind: dict[int, list[int]]
    again: tuple[int, ...]


def due(session: Session, now: datetime) -> Due:
    """What is to be done now, changing nothing: a few at a time, the rest a minute later."""
    waiting = _offered(session, now)
    remind: dict[int, list[int]] = {}
    for id_, answer_by, offered_at, order_id, reminded in waiting:
        if not reminded and offered_at + (answer_by - offered_at) / 2 <= now < answer_by:
            remind.setdefault(order_id, []).append(id_)
    over = [id_ for id_, answer_by, *_ in waiting if answer_by <= now]
    return Due(tuple(over[:AT_ONCE]), dict(list(remind.items())[:AT_ONCE]), _troubled(session))


def _offered(session: Session, now: datetime) -> list[tuple[int, datetime, datetime, int, bool]]:
    """Offers without an answer that end soon: id, last day, when it was made, the order, reminded?"""
    mine = select(Shortfall.id, Delivery.answer_by, Shortfall.offered_at, OrderLine.order_id, Shortfall.reminded_at)
    joined = mine.join(Delivery, Delivery.id == Shortfall.delivery_id).join(OrderLine, OrderLine.id == Shortfall.order_line_id)
    standing = joined.join(Order, Order.id == OrderLine.order_id).where(Order.state == OrderState.PLACED)
    found = standing.where(
        Shortfall.closed_at.is_(None), Shortfall.state == ShortfallState.OFFERED, Delivery.answer_by <= now + REMIND
    )
    return [
        (id_, by, at, order, reminded is not None) for id_, by, at, order, reminded in session.execute(found.order_by(Shortfall.id))
    ]


def _troubled(session: Session) -> tuple[int, ...]:
    """Some of them, not always the first: those may be in trouble for weeks, and others would wait for them."""
    mine = select(Shortfall.id).where(Shortfall.closed_at.is_(None), Shortfall.trouble != "", Shortfall.refund_id.is_(None))
    return tuple(session.scalars(mine.order_by(func.random()).limit(AT_ONCE)))


def try_again(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Have these refunds tried, once an hour."""
    for id_ in ids:
        outbox.enqueue(session, GIVE_BACK, f"{id_}:again:{now:%Y%m%d%H}", {"shortfall": id_}, now=now, once=True, priority=2)


def remind(session: Session, order_id: int, ids: list[int], now: datetime) -> None:
    """Have a fan reminded, once of each, and not who has answered while we looked."""
    mine = select(Shortfall).where(
        Shortfall.id.in_(ids), Shortfall.state == ShortfallState.OFFERED, Shortfall.reminded_at.is_(None)
    )
    found = session.scalars(
        mine.order_by(Shortfall.id).with_for_update(of=Shortfall), execution_options={"populate_existing": True}
    )
    said = []
    for each in found:
        each.reminded_at = now
        said.append(each.id)
    if said:
        shortfall_letters.tell(session, Say.REMINDER, order_id, said, now)

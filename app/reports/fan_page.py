"""What happened to one fan, in sentences that can be pasted into an answer to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.inventory.models import Hold
from app.kernel.errors import NotFound
from app.orders.models import Order
from app.reports import fan_money, fan_story
from app.reports.fan_story import Told

MOST = 50  # holds told of, the newest


@dataclass(frozen=True)
class FanPage:
    """A fan as the labels know them; `told` is their story, oldest first, `zones` where its times are read."""

    email: str
    name: str
    orders: tuple[tuple[int, str], ...]
    told: tuple[Told, ...]
    zones: tuple[str, ...]
    cut: bool


def fan_page(session: Session, hold_id: int, label_ids: Sequence[int], now: datetime) -> FanPage:
    """The fan who made this hold, as far as these labels have to do with them; NotFound when they do not."""
    mine = select(Hold).join(Drop, Drop.id == Hold.drop_id).where(Drop.label_id.in_(label_ids))
    first = session.scalar(mine.where(Hold.id == hold_id))
    if first is None:
        raise NotFound("There is no such fan here.")
    holds = session.scalars(mine.where(_same_fan(session, first)).order_by(Hold.id.desc()).limit(MOST + 1)).all()
    told_of = holds[:MOST][::-1]
    orders = session.scalars(select(Order).where(Order.hold_id.in_([hold.id for hold in told_of])).order_by(Order.id)).all()
    told = [*fan_story.told(session, told_of, orders, now), *fan_money.told(session, told_of, orders)]
    return FanPage(
        email=next((email for email in (*(order.email for order in orders[::-1]), *(hold.email for hold in holds)) if email), ""),
        name=orders[-1].name if orders else "",
        orders=tuple((order.id, order.reference) for order in orders),
        told=tuple(sorted(told, key=lambda each: (each.at, each.step))),
        zones=tuple(dict.fromkeys(each.zone for each in told)),
        cut=len(holds) > MOST,
    )


def _same_fan(session: Session, first: Hold) -> ColumnElement[bool]:
    """Who gave the same address; in a drop where they did, what the same browser held before it gave one as well."""
    if not first.email_key:
        return (Hold.drop_id == first.drop_id) & (Hold.fan == first.fan)
    known = session.execute(select(Hold.drop_id, Hold.fan).where(Hold.email_key == first.email_key)).all()
    before = (Hold.drop_id.in_({row.drop_id for row in known})) & (Hold.email_key == "") & Hold.fan.in_({row.fan for row in known})
    return or_(Hold.email_key == first.email_key, before)

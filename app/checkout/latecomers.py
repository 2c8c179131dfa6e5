"""Fans who took copies under one promise and paid once the others had been told of the next: they are told too, a little later."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.catalogue.making import Making, MakingChange
from app.catalogue.making_changes import PATIENCE, changes
from app.checkout.followers import Follower, followers
from app.checkout.telling import Wave, news, tell
from app.inventory.models import Hold
from app.kernel import outbox
from app.kernel.ready import Ready
from app.kernel.schema import table
from app.orders.models import Order, OrderLine

TELL_LATE = "making.tell_late"

_CHANGES, _ORDERS, _LINES, _HOLDS = table(MakingChange).c, table(Order).c, table(OrderLine).c, table(Hold).c
_MISSED = Ready(
    select(_LINES.run_id)
    .join_from(table(OrderLine), table(MakingChange), _CHANGES.run_id == _LINES.run_id)
    .join(table(Order), _ORDERS.id == _LINES.order_id)
    .join(table(Hold), _HOLDS.id == _ORDERS.hold_id)
    .where(_LINES.order_id == bindparam("order"), _CHANGES.at >= _HOLDS.created_at)
    .distinct()
)


def notice(session: Session, order_id: int, now: datetime) -> None:
    """Was something said of a paid order's runs since its copies were taken? Then see to it when the mail about that has left."""
    for (run_id,) in _MISSED.rows(session, order=order_id):
        about = {"order": order_id, "run": run_id}
        outbox.enqueue(session, TELL_LATE, f"{run_id}:{order_id}", about, now=now, run_at=now + PATIENCE, priority=6)


def catch_up(session: Session, order_id: int, run_id: int, now: datetime) -> None:
    """Tell one what the others were told since its copies were taken, and open the way out that they got.

    What nobody was told yet comes with everybody's mail; a fan who had that mail for an earlier order gets no second one.
    """
    making = session.get(Making, run_id, with_for_update=True, populate_existing=True)
    mine = _as_follower(session, order_id, run_id)
    if making is None or mine is None:
        return
    said = [each for each in changes(session, run_id) if each.id <= (making.told_id or 0)]
    seen = [each.id for each in said if each.at < mine.orders[0].taken_at]
    before_id = seen[-1] if seen else None
    if news(said, before_id):
        tell(session, Wave(run_id, said[-1].id, before_id, making.weeks, said, [mine]), [mine], now)


def _as_follower(session: Session, order_id: int, run_id: int) -> Follower | None:
    """The fan with this one order, if it still waits for the run."""
    for fan in followers(session, run_id):
        if mine := tuple(order for order in fan.orders if order.order_id == order_id):
            return Follower(fan.first_id, mine)
    return None

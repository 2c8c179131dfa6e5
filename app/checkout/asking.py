"""Ask the fans who wait for a run whether they still live where it goes, once; and lock its parcels when the day is over."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.catalogue.making import Making
from app.catalogue.models import Label, Release, Run
from app.checkout.followers import Follower, followers
from app.fulfilment import address_checks, locking, waiting
from app.kernel import outbox
from app.kernel.errors import BadInput, Conflict
from app.orders.models import Order

ASK, STILL_THERE = "making.ask", "mail.still_there"
LOCKED = "order.parcel_locked_by_day"
AT_ONCE = 200  # parcels in one transaction


def wish(session: Session, run_id: int, lock_on: date | None, now: datetime) -> None:
    """Have the fans asked, and the parcels locked when a day is over; who was asked before is not asked again.

    Raises Conflict for a run that is no pre-order, or is locked; BadInput for a day that is over.
    """
    making = session.get(Making, run_id, with_for_update=True, populate_existing=True)
    if making is None:
        raise Conflict("This run is no pre-order, so nobody has been waiting long enough to move.")
    if lock_on is not None and now >= over(lock_on, _zone(session, run_id)):
        raise BadInput("", {"lock_on": "A day that is still to come."})
    making.lock_on, making.locked_at = lock_on, None
    making.asked_at = making.asked_at or now
    outbox.enqueue(session, ASK, str(run_id), {"run": run_id}, now=now, priority=6)


def to_ask(session: Session, run_id: int) -> list[Follower]:
    """The fans with a parcel whose address is still theirs to correct."""
    return [fan for fan in followers(session, run_id) if any(order.open for order in fan.orders)]


def ask(session: Session, run_id: int, fans: Sequence[Follower], now: datetime) -> None:
    """Write to some of them; who was written to is left in peace."""
    for fan in fans:
        payload = {"order": fan.first_id, "run": run_id}
        if outbox.enqueue(session, STILL_THERE, f"{run_id}:{fan.first_id}", payload, now=now, once=True, priority=6):
            address_checks.asked(session, run_id, [order.order_id for order in fan.orders if order.open], now)


def due(session: Session, now: datetime) -> list[int]:
    """The runs whose day to be locked is over."""
    waits = select(Making, Label.time_zone).join(Run, Run.id == Making.run_id).join(Release).join(Label)
    found = session.execute(waits.where(Making.lock_on.is_not(None), Making.locked_at.is_(None)))
    return [making.run_id for making, zone in found if making.lock_on is not None and now >= over(making.lock_on, zone)]


def lock(session: Session, run_id: int, now: datetime, staff_id: int | None = None) -> int:
    """Lock the parcels of a run that are open, so many at a time; how many. What waits for another run as well stays open.

    Conflict for a run that is no pre-order.
    """
    making = session.get(Making, run_id, with_for_update=True, populate_existing=True)
    if making is None:
        raise Conflict("This run is no pre-order, so no parcel waits for it.")
    ids = lockable(session, run_id)
    for order_id in locking.lock(session, ids[:AT_ONCE], now):
        order = session.get_one(Order, order_id)
        deed = "order.parcel_locked" if staff_id else LOCKED
        what = {"number": order.reference}
        audit.note(session, deed, "order", order_id, now=now, staff_id=staff_id, label_id=order.label_id, **what)
    day_is_over = making.lock_on is None or now >= over(making.lock_on, _zone(session, run_id))
    if len(ids) <= AT_ONCE and day_is_over:  # before it, what is ordered later is still locked on that day
        making.locked_at = now
    return min(len(ids), AT_ONCE)


def lockable(session: Session, run_id: int) -> list[int]:
    """The orders of a run whose parcels are open and wait for no other run."""
    ids = [order.order_id for fan in followers(session, run_id) for order in fan.orders if order.open]
    elsewhere = waiting.elsewhere(session, ids, run_id)
    return [id_ for id_ in ids if id_ not in elsewhere]


def over(day: date, zone: str) -> datetime:
    """When a day ends on the wall of a zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def _zone(session: Session, run_id: int) -> str:
    return session.get_one(Run, run_id).release.label.time_zone

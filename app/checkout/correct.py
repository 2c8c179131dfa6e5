"""Correct a mistyped e-mail address of an order and tell the fan again, at the right one."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import one_parcel
from app.checkout.details import normalise
from app.checkout.follow import CONFIRM
from app.fulfilment import parcels
from app.fulfilment.models import ParcelState
from app.kernel import outbox
from app.kernel.errors import Conflict
from app.kernel.outbox import Job
from app.orders import placing
from app.orders.models import Order, OrderState


def correct_email(session: Session, order_id: int, email: str, now: datetime) -> Order:
    """Write to another address from now on; the link in the first mail stops working, it went to a stranger perhaps.

    Raises NotFound, BadInput for what is no address, Conflict when it is the address already.
    """
    written, key = normalise(email)
    order = placing.locked(session, order_id)
    if order.email == written:
        raise Conflict("That is the address already. To write to it once more, send the confirmation again.")
    one_parcel.lock_fan(session, order.label_id, order.email_key, key)
    here = parcels.locked(session, order_id).state is not ParcelState.SENT and order.state is OrderState.PLACED
    order.email, order.email_key = written, key
    order.generation += 1
    if here:  # what is not the same fan's leaves apart
        one_parcel.follow(session, order, now)
    _confirm_again(session, order, now)
    return order


def send_again(session: Session, order_id: int, now: datetime) -> bool:
    """Send an order's confirmation once more; False when one waits to be sent already. Raises NotFound or Conflict."""
    order = placing.locked(session, order_id)
    if order.state is OrderState.CANCELLED:
        raise Conflict("This order was cancelled, so there is nothing to confirm.")
    return _confirm_again(session, order, now)


def _confirm_again(session: Session, order: Order, now: datetime) -> bool:
    """A confirmation under a number of its own: the first one's key is used up for ever."""
    mine = Job.key.like(f"{CONFIRM}:{order.id}:%")
    waiting = select(Job.id).where(mine, Job.state == outbox.JobState.WAITING, Job.attempts == 0)
    if order.state is OrderState.CANCELLED or session.scalar(waiting) is not None:
        return False
    again = (session.scalar(select(func.count()).where(mine)) or 0) + 1
    payload = {"order": order.id, "again": again}
    return outbox.enqueue(session, CONFIRM, f"{order.id}:{again}", payload, now=now, once=True, priority=6)

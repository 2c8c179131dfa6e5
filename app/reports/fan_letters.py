"""The letters that went out to a fan, told to them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.catalogue.making_changes import TOLD
from app.checkout.asking import STILL_THERE
from app.checkout.follow import CONFIRM, NOT_CHARGED
from app.checkout.money_back import CANCELLED, REFUNDED
from app.checkout.shortfall_letters import SHORT
from app.fulfilment.models import Parcel, Shipment
from app.fulfilment.shipping import SHIPPED
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.payments.models import Refund
from app.reports import order_making
from app.reports.fan_story import Told

_LETTERS = {
    CONFIRM: "the confirmation of your order",
    CANCELLED: "that your order was cancelled",
    SHIPPED: "that your parcel has left",
    NOT_CHARGED: "that you were not charged",
    REFUNDED: "that your money goes back",
    TOLD: "what is new about your pre-order",
    STILL_THERE: "the question whether you still live there",
    SHORT: "about a copy that did not come from the plant",
}


def told(session: Session, orders: Sequence[Order], zones: Mapping[int, str], refunds: Sequence[Refund]) -> list[Told]:
    """What we mailed about these orders, payments (their ids and zones) and refunds.

    Jobs are found by their keys, so that no payload is searched.
    """
    by_key: dict[str, str] = {f"{NOT_CHARGED}:{payment_id}": zone for payment_id, zone in zones.items()}
    by_key |= {f"{REFUNDED}:{refund.id}": zones[refund.payment_id] for refund in refunds}
    orders = [order for order in orders if order.email]  # what was given away to nobody's address was mailed to nobody
    by_key |= {f"{kind}:{order.id}": order.label.time_zone for order in orders for kind in (CONFIRM, CANCELLED, SHORT)}
    by_key |= {key: order.label.time_zone for key, order in order_making.letter_keys(session, orders).items()}
    sent = select(Shipment.id, Parcel.order_id).join(Parcel, Parcel.id == Shipment.parcel_id)
    label_zone = {order.id: order.label.time_zone for order in orders}
    by_key |= {f"{SHIPPED}:{id_}": label_zone[order] for id_, order in session.execute(sent.where(Parcel.order_id.in_(label_zone)))}
    again = [Job.key.like(f"{kind}:{order.id}:%") for order in orders for kind in (CONFIRM, SHORT)]
    jobs = session.scalars(select(Job).where(or_(Job.key.in_(by_key), *again)).order_by(Job.id))
    return [each for job in jobs for each in _letter(job, by_key.get(job.key) or by_key[":".join(job.key.split(":")[:2])])]


def _letter(job: Job, zone: str) -> list[Told]:
    if job.finished_at is None:
        return []
    what = _LETTERS[job.kind]
    if job.state is JobState.DONE:
        return [Told(job.finished_at, f"We mailed you {what}.", zone, 8)]
    return [Told(job.finished_at, f"We could not mail you {what}: the address took no mail.", zone, 8)]

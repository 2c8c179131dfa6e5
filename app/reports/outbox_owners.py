"""Whose business an outbox row is: found from the id in its payload."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from app.accounts.models import Invitation
from app.catalogue.models import Release, Run
from app.drops.models import Drop, Reminder
from app.fulfilment.models import Parcel, Shipment
from app.inventory.delivery_models import Shortfall
from app.inventory.models import Hold
from app.kernel.alerts import Alert
from app.kernel.outbox import Job
from app.orders.models import Order, OrderLine
from app.payments.models import CheckoutAttempt, Payment, Refund
from app.privacy.models import Erasure


@dataclass(frozen=True)
class Owner:
    """The label a job belongs to, and the order it is about, where there is one."""

    label_id: int | None
    order_id: int | None
    about: str


NOBODY = Owner(None, None, "")
Way = Select[*tuple[Any, ...]]


def of_jobs(session: Session, jobs: Sequence[Job]) -> dict[int, Owner]:
    """The owner of each job that has one, by the job's id; one query per kind of payload."""
    owners: dict[int, Owner] = {}
    for word, way in _WAYS.items():
        ids = {job.id: job.payload[word] for job in jobs if isinstance(job.payload.get(word), int)}
        found = {row[0]: Owner(row[1], row[2], _about(row[3])) for row in session.execute(way(set(ids.values())))} if ids else {}
        owners.update({job_id: found[key] for job_id, key in ids.items() if key in found})
    return owners


def _about(number: int | None) -> str:
    return f"№ {number:05d}" if number else ""


def _attempts(ids: Iterable[int]) -> Way:
    tried = select(CheckoutAttempt.id, Drop.label_id, Order.id, Order.number).join(Hold, Hold.id == CheckoutAttempt.hold_id)
    return _of_hold(tried).where(CheckoutAttempt.id.in_(ids))


def _payments(ids: Iterable[int]) -> Way:
    paid = select(Payment.id, Drop.label_id, Order.id, Order.number).join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
    return _of_hold(paid.join(Hold, Hold.id == CheckoutAttempt.hold_id)).where(Payment.id.in_(ids))


def _refunds(ids: Iterable[int]) -> Way:
    back = select(Refund.id, Drop.label_id, Order.id, Order.number).join(Payment, Payment.id == Refund.payment_id)
    paid = back.join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
    return _of_hold(paid.join(Hold, Hold.id == CheckoutAttempt.hold_id)).where(Refund.id.in_(ids))


def _holds(ids: Iterable[int]) -> Way:
    return _of_hold(select(Hold.id, Drop.label_id, Order.id, Order.number).select_from(Hold)).where(Hold.id.in_(ids))


def _of_hold(begun: Way) -> Way:
    return begun.join(Drop, Drop.id == Hold.drop_id).outerjoin(Order, Order.hold_id == Hold.id)


def _orders(ids: Iterable[int]) -> Way:
    return select(Order.id, Order.label_id, Order.id, Order.number).where(Order.id.in_(ids))


def _shortfalls(ids: Iterable[int]) -> Way:
    owed = select(Shortfall.id, Order.label_id, Order.id, Order.number).join(OrderLine, OrderLine.id == Shortfall.order_line_id)
    return owed.join(Order, Order.id == OrderLine.order_id).where(Shortfall.id.in_(ids))


def _shipments(ids: Iterable[int]) -> Way:
    sent = select(Shipment.id, Order.label_id, Order.id, Order.number).join(Parcel, Parcel.id == Shipment.parcel_id)
    return sent.join(Order, Order.id == Parcel.order_id).where(Shipment.id.in_(ids))


def _reminders(ids: Iterable[int]) -> Way:
    asked = select(Reminder.id, Drop.label_id, null(), null()).join(Drop, Drop.id == Reminder.drop_id)
    return asked.where(Reminder.id.in_(ids))


def _alerts(ids: Iterable[int]) -> Way:
    return select(Alert.id, Alert.label_id, null(), null()).where(Alert.id.in_(ids))


def _invitations(ids: Iterable[int]) -> Way:
    return select(Invitation.id, Invitation.label_id, null(), null()).where(Invitation.id.in_(ids))


def _erasures(ids: Iterable[int]) -> Way:
    return select(Erasure.id, Erasure.label_id, null(), null()).where(Erasure.id.in_(ids))


def _runs(ids: Iterable[int]) -> Way:
    made = select(Run.id, Release.label_id, null(), null()).join(Release, Release.id == Run.release_id)
    return made.where(Run.id.in_(ids))


_WAYS: dict[str, Callable[[Iterable[int]], Way]] = {
    "run": _runs,
    "attempt": _attempts,
    "payment": _payments,
    "refund": _refunds,
    "hold": _holds,
    "order": _orders,
    "shortfall": _shortfalls,
    "shipment": _shipments,
    "reminder": _reminders,
    "alert": _alerts,
    "invitation": _invitations,
    "erasure": _erasures,
}

"""One order as the desk sees it: its facts, its money, and its whole history from the hold to the last mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.fulfilment import customs
from app.fulfilment.models import Parcel, Shipment
from app.inventory import counts
from app.kernel.money import Money
from app.kernel.outbox import Job
from app.orders.models import Order, OrderState
from app.payments.models import CheckoutAttempt, Payment
from app.reports import order_history
from app.reports.deeds import Entry
from app.reports.order_page import address_lines
from app.reports.order_rows import LineRow, OrderRow, rows


@dataclass(frozen=True)
class Paid:
    """The money of an order as Stripe knows it; `state` is its word, `intent_id` opens it in Stripe's dashboard."""

    state: str
    amount: Money
    intent_id: str
    authorised_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class SoldLine:
    """One line of an order with what it cost and where its copies stand on the run's strip."""

    row: LineRow
    text: str
    amount: Money
    copies: str
    first: int


@dataclass(frozen=True)
class OrderDesk:
    """All there is to know about an order."""

    row: OrderRow
    label_id: int
    drop_id: int
    drop: str
    late: bool
    address: tuple[str, ...]
    note: str
    lines: tuple[SoldLine, ...]
    postage: Money
    payment: Paid | None
    tracking_url: str
    sent_at: datetime | None
    leaves_customs: bool
    cancel_reason: str
    history: tuple[Entry, ...]


def order_desk(session: Session, order: Order) -> OrderDesk:
    """The desk's page of this order."""
    [row] = rows(session, [order.id])
    shipment = session.scalar(select(Shipment).join(Parcel, Parcel.id == Shipment.parcel_id).where(Parcel.order_id == order.id))
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    return OrderDesk(
        row=row,
        label_id=order.label_id,
        drop_id=order.drop_id,
        drop=session.scalar(select(Drop.title).where(Drop.id == order.drop_id)) or "",
        late=order.late,
        address=address_lines(order),
        note=order.note,
        lines=_lines(session, order, row),
        postage=Money(order.postage_amount, order.currency),
        payment=_paid(payment),
        tracking_url=shipment.tracking_url if shipment else "",
        sent_at=shipment.sent_at if shipment else None,
        leaves_customs=customs.leaves(order.label.country, order.country),
        cancel_reason=order.cancel_reason if order.state is OrderState.CANCELLED else "",
        history=_history(session, order, payment, shipment),
    )


def _lines(session: Session, order: Order, row: OrderRow) -> tuple[SoldLine, ...]:
    stock = counts.stock(session, [line.run_id for line in order.lines])
    return tuple(
        SoldLine(
            line_row,
            line.title,
            Money(line.unit_amount, order.currency) * line.quantity,
            stock[line.run_id].copies,
            line.run.first_number,
        )
        for line, line_row in zip(order.lines, row.lines, strict=True)
    )


def _paid(payment: Payment | None) -> Paid | None:
    if payment is None:
        return None
    amount = Money(payment.amount, payment.currency)
    return Paid(payment.state.value, amount, payment.intent_id, payment.authorised_at, payment.ended_at)


def _history(session: Session, order: Order, payment: Payment | None, shipment: Shipment | None) -> tuple[Entry, ...]:
    """Newest first; what happened in the same moment stands in the sequence of the story."""
    zone = order.label.time_zone
    attempts = session.scalars(select(CheckoutAttempt).where(CheckoutAttempt.hold_id == order.hold_id).order_by(CheckoutAttempt.id))
    entries = [
        *order_history.of_hold(session, order.hold_id, zone),
        *(entry for attempt in attempts for entry in order_history.of_attempt(attempt, zone)),
        *order_history.of_order(order, zone),
        *(order_history.of_payment(payment, zone) if payment else []),
        *(entry for job in _jobs(session, order, payment, shipment) for entry in order_history.of_job(job, zone)),
        *order_history.of_desk(session, order, shipment, zone),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at)[::-1])


def _jobs(session: Session, order: Order, payment: Payment | None, shipment: Shipment | None) -> list[Job]:
    """The outbox rows about this order; they are kept by key, so that no payload is searched."""
    keys = [Job.key == f"mail.confirmed:{order.id}", Job.key.like(f"mail.confirmed:{order.id}:%")]
    if payment is not None:
        keys += [Job.key == f"payment.capture:{payment.id}", Job.key == f"mail.not_charged:{payment.id}"]
    if shipment is not None:
        keys.append(Job.key == f"mail.shipped:{shipment.id}")
    return list(session.scalars(select(Job).where(or_(*keys)).order_by(Job.id)))

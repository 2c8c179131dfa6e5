"""What is held with a fan's orders: where they go, what they cost, what was paid, given back and sent, and what staff wrote."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry
from app.fulfilment.models import Mishap, Parcel
from app.inventory import counts
from app.kernel.money import Money
from app.orders.models import Order, OrderCode, OrderLine, OrderNote, Tag, TaggedOrder
from app.payments.models import Dispute, Payment, Refund
from app.reports import fan_data_papers

Facts = dict[str, Any]
_ADDRESS = ("name", "line1", "line2", "postal_code", "city", "region", "country")


def orders(session: Session, found: Sequence[Order]) -> list[Facts]:
    """Each order with all that belongs to it, oldest first."""
    return [_order(session, order) for order in found]


def _order(session: Session, order: Order) -> Facts:
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    code = session.get(OrderCode, order.id)
    return {
        "number": order.reference,
        "placed_at": order.placed_at.isoformat(),
        "state": order.state.value,
        "cancelled_at": order.cancelled_at.isoformat() if order.cancelled_at else None,
        "cancelled_because": order.cancel_reason,
        "email": order.email,
        "address": {name: getattr(order, name) for name in _ADDRESS},
        "your_note": order.note,
        "cookie": order.fan,
        "copies": _copies(session, lines),
        "postage": {"name": order.postage_name, "amount": _major(order.postage_amount, order.currency)},
        "total": _major(order.total_amount, order.currency),
        "currency": order.currency,
        "code": code.code.code if code else None,
        "payment": _payment(session, payment) if payment else None,
        "parcel": _parcel(session, order.id),
        "mishaps": _mishaps(session, [line.id for line in lines]),
        "did_not_come": fan_data_papers.did_not_come(session, [line.id for line in lines]),
        "invoices": fan_data_papers.invoices(session, order.id),
        "notes_of_the_desk": [
            {"at": note.at.isoformat(), "text": note.text}
            for note in session.scalars(select(OrderNote).where(OrderNote.order_id == order.id).order_by(OrderNote.id))
        ],
        "tags": session.scalars(
            select(Tag.name).join(TaggedOrder, TaggedOrder.tag_id == Tag.id).where(TaggedOrder.order_id == order.id)
        ).all(),
        "deeds_of_the_desk": [{"at": at.isoformat(), "deed": deed} for at, deed in session.execute(_deeds(order.id))],
    }


def _deeds(order_id: int) -> Select[datetime, str]:
    about = (AuditEntry.entity == "order", AuditEntry.entity_id == order_id)
    return select(AuditEntry.at, AuditEntry.deed).where(*about).order_by(AuditEntry.id)


def _copies(session: Session, lines: Sequence[OrderLine]) -> list[Facts]:
    owned = counts.owned_by_lines(session, [line.id for line in lines])
    numbers: dict[int, list[int | None]] = {}
    for each in owned:
        numbers.setdefault(each.order_line_id, []).append(each.number)
    return [{"title": line.title, "quantity": line.quantity, "numbers": numbers.get(line.id, [])} for line in lines]


def _payment(session: Session, payment: Payment) -> Facts:
    refunds = session.scalars(select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.id))
    disputes = session.scalars(select(Dispute).where(Dispute.payment_id == payment.id).order_by(Dispute.id))
    return {
        "state": payment.state.value,
        "amount": _major(payment.amount, payment.currency),
        "authorised_at": payment.authorised_at.isoformat(),
        "stripe": {"intent": payment.intent_id, "charge": payment.charge_id},
        "refunds": [
            {
                "at": refund.created_at.isoformat(), "state": refund.state.value, "amount": _major(refund.amount, refund.currency),
                "reason": refund.reason, "fell_through": refund.failure, "stripe": refund.stripe_id,
                "withdrawn_because": fan_data_papers.withdrawn_because(session, refund.id),
            }
            for refund in refunds
        ],
        "disputes": [
            {"at": each.opened_at.isoformat(), "state": each.state.value, "amount": _major(each.amount, each.currency)}
            for each in disputes
        ],
    }  # fmt: skip


def _parcel(session: Session, order_id: int) -> Facts | None:
    parcel = session.scalar(select(Parcel).where(Parcel.order_id == order_id))
    if parcel is None:
        return None
    state, sent = {"state": parcel.state.value}, parcel.shipment
    if sent is None:
        return state
    where = {"carrier": sent.carrier, "tracking": sent.tracking, "link": sent.tracking_url, "sent_at": sent.sent_at.isoformat()}
    return state | where


def _mishaps(session: Session, line_ids: Sequence[int]) -> list[Facts]:
    found = session.scalars(select(Mishap).where(Mishap.order_line_id.in_(line_ids)).order_by(Mishap.id))
    return [{"at": each.at.isoformat(), "what": each.what.value, "words": each.words} for each in found]


def _major(amount: int, currency: str) -> str:
    """In major units with a point: 24.00."""
    return str(Money(amount, currency).decimal)

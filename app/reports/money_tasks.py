"""What money asks of a person: each thing with its order, and the day by which it must be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.drops.models import Drop
from app.fulfilment.models import Parcel, ParcelState
from app.inventory.models import Hold
from app.kernel.money import Money
from app.orders.models import Order, OrderState
from app.payments import ledger
from app.payments.models import CheckoutAttempt, Dispute, Fate, Payment, Refund, RefundPart
from app.payments.states import FELL_THROUGH, GONE, TO_ANSWER, DisputeState, RefundState
from app.reports.money_word import INQUIRIES

Way = Select[*tuple[Any, ...]]
LATELY = timedelta(days=7)  # how long is shown what asks for a look, and for no deed


class Kind(StrEnum):
    """Most urgent first."""

    ANSWER = "answer"
    INQUIRY = "inquiry"
    FELL_THROUGH = "fell-through"
    CONFIRM = "confirm"
    LOST = "lost"
    DECIDE = "decide"
    TWICE = "twice"
    MISMATCH = "mismatch"


@dataclass(frozen=True)
class Task:
    """One thing to do; `refund_id` where it is about a refund, `due` where a bank waits, `reference` empty without an order."""

    kind: Kind
    label_id: int
    order_id: int | None
    reference: str
    refund_id: int | None
    amount: Money
    due: datetime | None
    zone: str


def tasks(session: Session, label_ids: Sequence[int], now: datetime) -> tuple[Task, ...]:
    """All there is to do at these labels."""
    every = [
        *_disputes(session, label_ids),
        *_refunds(session, label_ids),
        *_undecided(session, label_ids),
        *_twice(session, label_ids, now),
        *_mismatches(session, label_ids, now),
    ]
    return tuple(sorted(every, key=lambda task: list(Kind).index(task.kind)))


def _disputes(session: Session, label_ids: Sequence[int]) -> Iterator[Task]:
    """Those that the bank wants answered, and lost ones whose order still lies here."""
    here = exists().where(Parcel.order_id == Order.id, Parcel.state != ParcelState.SENT)
    lost = and_(Dispute.state == DisputeState.LOST, Order.state == OrderState.PLACED, here)
    wanted = _of(select(Dispute, Order).join(Payment, Payment.id == Dispute.payment_id), label_ids)
    for dispute, order in session.execute(wanted.where(Dispute.state.in_(TO_ANSWER) | lost).order_by(Dispute.evidence_due_by)):
        kind = Kind.INQUIRY if dispute.state in INQUIRIES else Kind.ANSWER if dispute.state in TO_ANSWER else Kind.LOST
        yield _task(kind, order, Money(dispute.amount, dispute.currency), due=dispute.evidence_due_by)


def _refunds(session: Session, label_ids: Sequence[int]) -> Iterator[Task]:
    """Proposed ones, and those that fell through while the money is still here."""
    states = (RefundState.PROPOSED, *FELL_THROUGH)
    wanted = _of(select(Refund, Order).join(Payment, Payment.id == Refund.payment_id), label_ids)
    for refund, order in session.execute(wanted.where(Refund.state.in_(states)).order_by(Refund.id)):
        amount = Money(refund.amount, refund.currency)
        if refund.state is RefundState.PROPOSED:
            yield _task(Kind.CONFIRM, order, amount, refund.id)
        elif ledger.of(session, session.get_one(Payment, refund.payment_id)).left > 0:
            yield _task(Kind.FELL_THROUGH, order, amount, refund.id)


def _undecided(session: Session, label_ids: Sequence[int]) -> Iterator[Task]:
    """Orders with copies of which nobody has said what becomes of them."""
    open_part = exists().where(RefundPart.refund_id == Refund.id, RefundPart.fate == Fate.UNDECIDED)
    wanted = _of(select(Refund, Order).join(Payment, Payment.id == Refund.payment_id), label_ids)
    for refund, order in session.execute(wanted.where(open_part).order_by(Refund.id)):
        yield _task(Kind.DECIDE, order, Money(refund.amount, refund.currency))


def _twice(session: Session, label_ids: Sequence[int], now: datetime) -> Iterator[Task]:
    """Orders of which more went back lately than was paid: another way here, and again in Stripe's dashboard."""
    lately = select(Refund.payment_id).where(Refund.state.in_(GONE), Refund.created_at > now - LATELY)
    sums = select(Refund.payment_id, func.sum(Refund.amount).label("back"))
    of_these = sums.where(Refund.payment_id.in_(lately), Refund.state.in_(GONE))  # not all that ever went back
    gone = of_these.group_by(Refund.payment_id).subquery()
    wanted = _of(select(Payment, Order, gone.c.back).join(gone, gone.c.payment_id == Payment.id), label_ids)
    for payment, order, back in session.execute(wanted.where(gone.c.back > Payment.amount)):
        yield _task(Kind.TWICE, order, Money(int(back) - payment.amount, payment.currency))


def _mismatches(session: Session, label_ids: Sequence[int], now: datetime) -> Iterator[Task]:
    """Payments of another amount than was asked, let go lately: something is set up wrongly."""
    wanted = (
        select(Payment, Label)
        .join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
        .join(Hold, Hold.id == CheckoutAttempt.hold_id)
        .join(Drop, Drop.id == Hold.drop_id)
        .join(Label, Label.id == Drop.label_id)
        .where(Label.id.in_(label_ids), Payment.void_reason == "mismatch", Payment.authorised_at > now - LATELY)
    )
    for payment, label in session.execute(wanted.order_by(Payment.id)):
        amount = Money(payment.amount, payment.currency)
        yield Task(Kind.MISMATCH, label.id, None, payment.intent_id, None, amount, None, label.time_zone)


def _of(begun: Way, label_ids: Sequence[int]) -> Way:
    return begun.join(Order, Order.id == Payment.order_id).where(Order.label_id.in_(label_ids))


def _task(kind: Kind, order: Order, amount: Money, refund_id: int | None = None, due: datetime | None = None) -> Task:
    return Task(kind, order.label_id, order.id, order.reference, refund_id, amount, due, order.label.time_zone)

"""The money of one order in one place: taken, given back, disputed, each event with its time and its cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.kernel.money import Money
from app.orders.models import Order
from app.payments import ledger
from app.payments.models import Dispute, Payment, Refund, StripeEvent
from app.payments.states import CLOSED, FELL_THROUGH, TO_ANSWER, DisputeState, PaymentState, RefundState
from app.reports import given_back, money_history, order_history
from app.reports.deeds import Entry, staff_names
from app.reports.given_back import BackLine
from app.reports.money_word import INQUIRIES


@dataclass(frozen=True)
class RefundRow:
    """A refund in the order's list; `failure` is why it fell through, or how it was paid back instead."""

    id: int
    state: RefundState
    amount: Money
    lines: tuple[BackLine, ...]
    reason: str
    failure: str
    at: datetime

    @property
    def needs_somebody(self) -> bool:
        """Does it wait for a person?"""
        return self.state is RefundState.PROPOSED or self.state in FELL_THROUGH


@dataclass(frozen=True)
class DisputeRow:
    """A dispute; `due_by` is when Stripe wants the evidence."""

    stripe_id: str
    state: DisputeState
    amount: Money
    why: str
    due_by: datetime | None
    opened_at: datetime

    @property
    def open(self) -> bool:
        """Is it not decided yet?"""
        return self.state not in CLOSED

    @property
    def inquiry(self) -> bool:
        """Does the bank only ask?"""
        return self.state in INQUIRIES

    @property
    def to_answer(self) -> bool:
        """Does the bank wait for us?"""
        return self.state in TO_ANSWER


@dataclass(frozen=True)
class OrderMoney:
    """The payment of an order with all that became of it; `on_its_way` is asked for and not accepted by Stripe yet."""

    state: PaymentState
    intent_id: str
    amount: Money
    gone: Money
    on_its_way: Money
    lost: Money
    left: Money
    refunds: tuple[RefundRow, ...]
    disputes: tuple[DisputeRow, ...]
    story: tuple[Entry, ...]

    @property
    def open_disputes(self) -> tuple[DisputeRow, ...]:
        """Those that are not decided yet."""
        return tuple(each for each in self.disputes if each.open)


def order_money(session: Session, order: Order) -> OrderMoney | None:
    """The money of this order; None when nothing was due."""
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    if payment is None:
        return None
    refunds = session.scalars(
        select(Refund).where(Refund.payment_id == payment.id).options(selectinload(Refund.parts)).order_by(Refund.id)
    ).all()
    disputes = session.scalars(select(Dispute).where(Dispute.payment_id == payment.id).order_by(Dispute.id)).all()
    book, currency = ledger.of(session, payment), payment.currency
    return OrderMoney(
        state=payment.state,
        intent_id=payment.intent_id,
        amount=Money(payment.amount, currency),
        gone=Money(book.gone, currency),
        on_its_way=Money(book.given_back - book.gone, currency),
        lost=Money(book.lost, currency),
        left=Money(book.left, currency),
        refunds=tuple(_refund(session, refund) for refund in refunds),
        disputes=tuple(_dispute(dispute) for dispute in disputes),
        story=_story(session, order, payment, refunds, disputes),
    )


def _refund(session: Session, refund: Refund) -> RefundRow:
    back = given_back.back(session, refund)
    return RefundRow(refund.id, refund.state, back.amount, back.lines, refund.reason, refund.failure, back.at)


def _dispute(dispute: Dispute) -> DisputeRow:
    amount = Money(dispute.amount, dispute.currency)
    why = money_history.reason(dispute.reason)
    return DisputeRow(dispute.stripe_id, dispute.state, amount, why, dispute.evidence_due_by, dispute.opened_at)


def _story(
    session: Session, order: Order, payment: Payment, refunds: Sequence[Refund], disputes: Sequence[Dispute]
) -> tuple[Entry, ...]:
    """Newest first."""
    zone = order.label.time_zone
    people = {person for refund in refunds for person in (refund.asked_by, refund.confirmed_by) if person is not None}
    names = staff_names(session, people)
    heard = select(StripeEvent).where(StripeEvent.attempt_id == payment.attempt_id)
    entries = [
        *order_history.of_payment(payment, zone),
        *(entry for refund in refunds for entry in money_history.of_refund(refund, names, zone)),
        *(entry for dispute in disputes for entry in money_history.of_dispute(dispute, zone)),
        *(money_history.of_event(event, zone) for event in session.scalars(heard.order_by(StripeEvent.received_at))),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at)[::-1])

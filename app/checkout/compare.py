"""Compare Stripe's own record of a period with ours; reads only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.checkout import lookout, marks
from app.checkout.differences import Difference, Kind
from app.drops.models import Drop
from app.kernel.money import Money
from app.orders import placing
from app.orders.models import Order
from app.payments.facts import DisputeFacts, IntentRecord, RefundFacts, SessionFacts, SessionRecord, SessionStatus
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import PENDING, PaymentState

YOUNG = timedelta(minutes=2)  # what is newer is on its way
Said = tuple[Kind, str]

_AT_STRIPE = {PaymentState.CAPTURED: "succeeded", PaymentState.VOIDED: "canceled", PaymentState.CAPTURE_FAILED: "canceled"}
_SAID = {"requires_capture": "promised", "succeeded": "taken", "canceled": "let go"}


@dataclass(frozen=True)
class Records:
    """What Stripe has: `since` and `until` bound the period; sessions and intents reach back further, and are all looked at.

    What was paid just before a backup may have become an order just after it.
    """

    since: datetime
    until: datetime
    sessions: Sequence[SessionRecord]
    intents: Sequence[IntentRecord]
    refunds: Sequence[RefundFacts]
    disputes: Sequence[DisputeFacts]

    def money(self, intent_id: str | None) -> IntentRecord | None:
        """The intent of a session."""
        return next((intent for intent in self.intents if intent.facts.intent_id == intent_id), None)


def compare(session: Session, records: Records, now: datetime) -> list[Difference]:
    """Every difference, in the sequence in which they are best healed: what was lost before the counter that follows from it."""
    found = [*_sessions(session, records, now), *_missing(session, records), *_money_back(session, records)]
    return found + list(_counters(session, records))


def _sessions(session: Session, records: Records, now: datetime) -> Iterator[Difference]:
    keys = [record.facts.attempt_key for record in records.sessions]
    attempts = {
        attempt.idempotency_key: attempt
        for start in range(0, len(keys), 500)
        for attempt in session.scalars(
            select(CheckoutAttempt).where(CheckoutAttempt.idempotency_key.in_(keys[start : start + 500]))
        )
    }
    for record in records.sessions:
        money = records.money(record.facts.intent_id)
        newest = money.tried_at if money else record.created_at
        if newest > now - YOUNG:
            continue
        attempt = attempts.get(record.facts.attempt_key)
        different = _lost(record, money) if attempt is None else _known(session, attempt, record, money)
        if different is not None:
            yield different


def _lost(record: SessionRecord, money: IntentRecord | None) -> Difference | None:
    """A session that nobody here asked for: its rows were lost."""
    says, facts = marks.read(money.metadata if money else record.metadata), record.facts
    kind = what = None
    if facts.status is SessionStatus.OPEN:
        kind, what = Kind.LOST_OPEN, "There is no attempt here for this payment page, and it can still be paid."
    elif facts.intent_status == "requires_capture":
        kind, what = Kind.LOST_AUTHORISED, "A fan's bank has promised this money, and there is no order here for it."
    elif facts.intent_status == "succeeded" and (money is None or money.refunded < money.facts.amount_received):
        kind, what = Kind.LOST_TAKEN, "This money was taken, and there is no order here for it."
    if kind is None or what is None:
        return None
    copies = f" Copies: {says.copies}" if says.copies else ""
    reference = f"order {says.order_number:05d}" if says.order_number else f"attempt {says.attempt_id}"
    about, amount = facts.intent_id or facts.session_id, Money(facts.amount, facts.currency)
    made = money.tried_at if money else record.created_at
    return Difference(kind, about, what + copies, made, reference, amount, record=record, says=says, number=says.order_number)


def _known(session: Session, attempt: CheckoutAttempt, record: SessionRecord, money: IntentRecord | None) -> Difference | None:
    """A session of an attempt that is here."""
    facts, payment = record.facts, session.scalar(select(Payment).where(Payment.attempt_id == attempt.id))
    if payment is None and attempt.state in PENDING and money and marks.read(money.metadata).order_number:
        return _lost(record, money)  # the attempt is there still, and the order that it brought is not
    said = _of_money(payment, facts, money) if payment else _of_page(attempt, facts)
    if said is None:
        return None
    about, amount = facts.intent_id or facts.session_id, Money(facts.amount, facts.currency)
    kind, what = said
    return Difference(kind, about, what, attempt.created_at, _reference(session, attempt), amount, attempt.id, record)


def _of_page(attempt: CheckoutAttempt, facts: SessionFacts) -> Said | None:
    """An attempt that has brought no money here."""
    if facts.authorised:
        return Kind.UNSETTLED, f"It was paid at Stripe, and the attempt is {attempt.state} here."
    if facts.status is SessionStatus.OPEN and attempt.state not in PENDING:
        return Kind.STILL_OPEN, f"Its payment page can still be paid, though the attempt is {attempt.state} here."
    if facts.status is SessionStatus.EXPIRED and attempt.state in PENDING:
        return Kind.UNSETTLED, f"Stripe has ended the payment page, and the attempt is {attempt.state} here."
    if facts.session_id != attempt.session_id and attempt.state in PENDING:
        return Kind.UNSETTLED, "Stripe has made the payment page, and we do not know of it."
    return None


def _of_money(payment: Payment, facts: SessionFacts, money: IntentRecord | None) -> Said | None:
    """An attempt whose money is here."""
    says = _SAID.get(facts.intent_status, facts.intent_status)
    if payment.state is PaymentState.AUTHORISED:
        return Kind.UNSETTLED, f"At Stripe the money is {says}, and here it is authorised."
    if facts.intent_status != _AT_STRIPE[payment.state]:
        return Kind.CONTRADICTED, f"At Stripe the money is {says}, and here it is {payment.state}."
    if money and payment.state is PaymentState.CAPTURED and money.facts.amount_received != payment.amount:
        taken, ours = Money(money.facts.amount_received, money.currency), Money(payment.amount, payment.currency)
        return Kind.CONTRADICTED, f"Stripe took {taken.format()}, and here it is {ours.format()}."
    return None


def _missing(session: Session, records: Records) -> Iterator[Difference]:
    """Money here that Stripe has no record of."""
    at_stripe = {intent.facts.intent_id for intent in records.intents}
    ours = select(Payment, CheckoutAttempt).join(CheckoutAttempt, CheckoutAttempt.id == Payment.attempt_id)
    for payment, attempt in session.execute(ours.where(Payment.authorised_at.between(records.since, records.until))):
        if payment.intent_id not in at_stripe:
            amount = Money(payment.amount, payment.currency)
            what = f"Stripe has no record of this payment, which is {payment.state} here."
            yield Difference(
                Kind.NOT_AT_STRIPE, payment.intent_id, what, payment.authorised_at, _reference(session, attempt), amount
            )


def _money_back(session: Session, records: Records) -> Iterator[Difference]:
    """Refunds and disputes that Stripe has and we have not, or not like that."""
    for attempt_id in sorted(lookout.news(session, records.refunds, records.disputes)):
        payment = session.scalars(select(Payment).where(Payment.attempt_id == attempt_id)).one()
        attempt = session.get_one(CheckoutAttempt, attempt_id)
        what = "Stripe has a refund or a dispute that is not here, or not like that."
        reference = _reference(session, attempt)
        yield Difference(Kind.MONEY_BACK, payment.intent_id, what, records.until, reference, attempt_id=attempt_id)


def _counters(session: Session, records: Records) -> Iterator[Difference]:
    """Labels whose next order would get a number that Stripe has seen."""
    for label in session.scalars(select(Label).order_by(Label.id)):
        highest = max((number for number in _numbers_of(session, label, records.intents)), default=0)
        last = placing.last_number(session, label.id)
        if highest > last:
            what = f"Stripe has seen order {highest:05d}, and the next one here would be {last + 1:05d}."
            yield Difference(Kind.COUNTER_BEHIND, label.slug, what, records.until, label_id=label.id, number=highest)


def _numbers_of(session: Session, label: Label, intents: Iterable[IntentRecord]) -> Iterator[int]:
    """The order numbers in Stripe's record that are this label's; those of a drop that is not here count for every label."""
    drops = dict(session.execute(select(Drop.slug, Drop.label_id)).all())
    for intent in intents:
        says = marks.read(intent.metadata)
        if drops.get(says.drop, label.id) == label.id:
            yield says.order_number


def _reference(session: Session, attempt: CheckoutAttempt) -> str:
    order = session.scalar(select(Order).where(Order.hold_id == attempt.hold_id))
    return f"order {order.reference}" if order else f"attempt {attempt.id}"

"""Ask Stripe for a wanted refund: write, call, write. What an unclear call did is looked up before it is repeated."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import money_back
from app.checkout.send import REPLAY_WITHIN
from app.kernel.clock import Clock
from app.kernel.db import Database, transaction
from app.orders.models import Order
from app.payments import ledger, refunds
from app.payments.facts import RefundFacts
from app.payments.gateway import Gateway, StripeDenied, StripeRefused, StripeUnclear
from app.payments.models import CheckoutAttempt, Payment, Refund
from app.payments.states import RefundState


@dataclass(frozen=True)
class _Letter:
    intent_id: str
    amount: int
    key: str
    tried: int
    metadata: dict[str, str]
    look_first: bool


def give_back(db: Database, gateway: Gateway, clock: Clock, refund_id: int) -> None:
    """Make a refund at Stripe, or find the one that an unclear call made; idempotent. Raises StripeTrouble while it is not clear.

    When Stripe refuses for good the refund has failed, and a person has to see to it.
    """
    with transaction(db) as session:
        letter = _seal(session, refund_id, clock.now())
    if letter is None:
        return
    try:
        facts = _ask(gateway, letter)
    except StripeDenied:
        raise
    except StripeRefused as refusal:
        found = _made_before(gateway, letter)  # perhaps it was refused because it is done
        if found is None:
            with transaction(db) as session:
                _fail(session, refund_id, str(refusal), clock.now())
            return
        facts = found
    except StripeUnclear as trouble:
        if trouble.answered:  # Stripe would answer the same under this key for a day
            with transaction(db) as session:
                _locked(session, refund_id).tries += 1
        raise
    with transaction(db) as session:
        refund = _locked(session, refund_id)
        refunds.follow(refund, facts, clock.now())
        money_back.tell_refunded(session, refund, clock.now())


def _seal(session: Session, refund_id: int, now: datetime) -> _Letter | None:
    """What to ask, the same at every repetition; None when there is nothing to ask."""
    refund = _locked(session, refund_id)
    payment = session.get_one(Payment, refund.payment_id)
    if refund.state is not RefundState.WANTED or refund.stripe_id is not None:
        return None
    if refund.sent_at is None and ledger.of(session, payment).disputed:
        _fail(session, refund_id, "the bank disputed the payment before Stripe was asked", now)
        return None
    look_first = refund.sent_at is not None
    if refund.sent_at is not None and now - refund.sent_at > REPLAY_WITHIN:  # Stripe forgets keys after a day
        refund.tries, refund.sent_at = refund.tries + 1, now
    refund.sent_at = refund.sent_at or now
    attempt = session.get_one(CheckoutAttempt, payment.attempt_id)
    order = session.get(Order, refund.order_id) if refund.order_id else None
    metadata = {"shop": attempt.request["metadata"]["shop"], "key": refund.idempotency_key}
    metadata |= {"order": order.reference} if order is not None else {}
    return _Letter(payment.intent_id, refund.amount, refund.idempotency_key, refund.tries, metadata, look_first)


def _ask(gateway: Gateway, letter: _Letter) -> RefundFacts:
    made = _made_before(gateway, letter) if letter.look_first else None
    return made or gateway.refund(letter.intent_id, letter.amount, f"{letter.key}:{letter.tried}", letter.metadata)


def _made_before(gateway: Gateway, letter: _Letter) -> RefundFacts | None:
    known = gateway.refunds(letter.metadata["shop"], intent_id=letter.intent_id)
    return next((each for each in known if each.key == letter.key), None)


def _fail(session: Session, refund_id: int, why: str, now: datetime) -> None:
    refund = _locked(session, refund_id)
    if refund.state is RefundState.WANTED:
        refunds.move(refund, RefundState.FAILED, now, why[:500])


def _locked(session: Session, refund_id: int) -> Refund:
    """A refund as it is once its payment is locked."""
    ledger.locked(session, session.get_one(Refund, refund_id).payment_id)
    return session.get_one(Refund, refund_id, populate_existing=True)

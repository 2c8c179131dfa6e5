"""Apply what Stripe says to hold, stock, payment and order: idempotent, forward only, one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import one_parcel
from app.checkout.follow import confirm, follow
from app.checkout.owned import owned_by_email, owned_by_fan
from app.checkout.stripe_taxes import taxed
from app.drops import limits, sale
from app.fulfilment import parcels
from app.inventory import claims, holds
from app.inventory.models import Hold
from app.inventory.states import LIVE, HoldState
from app.kernel import outbox
from app.kernel.errors import OverLimit
from app.orders import placing
from app.orders.models import Order
from app.orders.totals import Quote, from_json
from app.payments import attempts
from app.payments.facts import Address, SessionFacts, SessionStatus
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import PENDING, AttemptState, PaymentState

CAPTURE, VOID = "payment.capture", "payment.void"
# A completed session whose money was let go before we heard of it, or whose bank said no days later: nobody can pay it again.
_OVER = {"canceled", "requires_payment_method"}


def settle(session: Session, attempt_id: int, facts: SessionFacts, now: datetime) -> None:
    """Bring one attempt, its hold, payment and order to where Stripe says the session is."""
    hold_id = attempts.hold_of(session, attempt_id)
    hold = holds.locked(session, hold_id) if hold_id is not None else None
    attempt = attempts.locked(session, attempt_id)
    if attempt is None or hold is None or facts.attempt_key != attempt.idempotency_key:
        return
    if attempt.session_id is None or attempt.state in PENDING:
        attempts.note_session(attempt, facts, now)
    if facts.status is SessionStatus.EXPIRED:
        _expired(session, attempt, hold, now)
    elif facts.status is SessionStatus.COMPLETE and facts.intent_id:
        _completed(session, attempt, hold, facts, now)


def settle_free(session: Session, hold: Hold, quote: Quote, to: Address, now: datetime) -> int:
    """Place the order of a hold that costs nothing; its id. Stripe is not asked."""
    order = placing.place(session, hold, quote, to, hold.email, None, now)
    allocate_held(session, hold, order, now)
    confirm(session, order, now)
    placing.number(session, order)
    return order.id


def _expired(session: Session, attempt: CheckoutAttempt, hold: Hold, now: datetime) -> None:
    """Nobody can pay this session any more; a hold that waited for just that is put back."""
    if attempt.state in PENDING:
        attempts.move(attempt, AttemptState.EXPIRED, now)
    if hold.state is HoldState.CLOSING and attempts.pending(session, hold.id) is None:
        holds.put_back(session, hold, now, claims.MACHINE, "lapsed")


def nothing_made(session: Session, attempt_id: int, why: str, now: datetime) -> None:
    """Stripe has no session for an attempt and will not make one; a hold that waited for just that is put back."""
    found = session.get_one(CheckoutAttempt, attempt_id)
    hold = holds.locked(session, found.hold_id)
    attempt = attempts.locked(session, attempt_id)
    if hold is None or attempt is None or attempt.state not in {AttemptState.WANTED, AttemptState.UNKNOWN}:
        return
    attempts.move(attempt, AttemptState.FAILED, now, why)
    if hold.state is HoldState.CLOSING:
        holds.put_back(session, hold, now, claims.MACHINE, "lapsed")


def _completed(session: Session, attempt: CheckoutAttempt, hold: Hold, facts: SessionFacts, now: datetime) -> None:
    payment = attempts.payment_of(session, attempt.id)
    if payment is None:
        if facts.intent_status in _OVER:
            return _expired(session, attempt, hold, now)
        if not facts.authorised:
            return None  # the bank is still thinking
        _know_buyer(hold, facts)
        if attempt.state is AttemptState.FAILED:
            _give_way(session, attempt, hold, now)
        attempts.move(attempt, AttemptState.COMPLETE, now)
        order, reason = _allocate(session, attempt, hold, facts, now)
        payment = book(session, attempt, facts, order, reason, now)
        if order is not None:
            placing.number(session, order)  # last: everybody else who orders from this label waits from here to the commit
    return follow(session, payment, facts.intent_status, now)


def _know_buyer(hold: Hold, facts: SessionFacts) -> None:
    """The address that was paid with stands for one that was taken out since: an order has a buyer."""
    if not hold.email:
        holds.note_details(hold, facts.email, facts.email.lower(), hold.country, hold.rate_id, hold.note)


def _give_way(session: Session, attempt: CheckoutAttempt, hold: Hold, now: datetime) -> None:
    """While believed to have failed the attempt did not count: put the hold back if its buyer went to pay elsewhere meanwhile.

    A newer attempt of the same hold was counted itself.
    """
    if hold.state not in LIVE or attempts.pending(session, hold.id):
        return
    if _over_limit(session, hold, from_json(attempt.quote)):
        holds.put_back(session, hold, now, claims.MACHINE, "the buyer went to pay for all they may have with another hold")


def book(
    session: Session, attempt: CheckoutAttempt, facts: SessionFacts, order: Order | None, reason: str | None, now: datetime
) -> Payment:
    """Write down the money that an attempt brought, and the job to take it for its order, or to let it go for a reason."""
    payment = Payment(
        attempt_id=attempt.id,
        order_id=order.id if order else None,
        intent_id=facts.intent_id,
        charge_id=facts.charge_id,
        state=PaymentState.AUTHORISED,
        amount=facts.amount,
        currency=facts.currency,
        void_reason=reason,
        stripe_account=attempt.stripe_account,
        authorised_at=now,
    )
    session.add(payment)
    session.flush()
    kind, priority = (CAPTURE, 1) if order else (VOID, 2)
    outbox.enqueue(session, kind, str(payment.id), {"payment": payment.id}, now=now, priority=priority)
    return payment


def _allocate(
    session: Session, attempt: CheckoutAttempt, hold: Hold, facts: SessionFacts, now: datetime
) -> tuple[Order | None, str | None]:
    """The order, or the reason why there is none: mismatch, duplicate or late."""
    agreed = from_json(attempt.quote)
    if (facts.amount, facts.currency) != (attempt.amount, attempt.currency):
        if hold.state is HoldState.CLOSING:
            holds.put_back(session, hold, now, claims.MACHINE, "the amount paid was not the amount asked")
        return None, "mismatch"
    if hold.state is HoldState.SPENT:
        return None, "duplicate"
    if hold.state in LIVE and not _as_agreed(session, hold, agreed):
        holds.put_back(session, hold, now, claims.MACHINE, "the hold was changed before an older payment came in")
    if hold.state in LIVE:
        order = placing.place(session, hold, agreed, facts.address, hold.email, attempt.id, now, taxed=taxed(agreed, facts))
        allocate_held(session, hold, order, now)
        return order, None
    order_or_none = _allocate_late(session, attempt, hold, agreed, facts, now)
    return (order_or_none, None) if order_or_none else (None, "late")


def _as_agreed(session: Session, hold: Hold, agreed: Quote) -> bool:
    """Are the copies held now as many as were paid for? They are, unless money comes for an attempt believed to have failed."""
    held = {each.run_id: len(each.numbers) for each in holds.contents(session, hold.id)}
    return held == agreed.copies


def allocate_held(session: Session, hold: Hold, order: Order, now: datetime, *, postage: bool = True) -> None:
    """Give the copies of a hold to its order, whose parcel joins one of the fan's; less `postage` then, or all that was paid."""
    _parcel(session, order, now, postage=postage)
    for line in order.lines:
        claims.allocate_held(session, hold.id, line.run_id, line.quantity, line.id, now)
    holds.spend(session, hold, now)


def _parcel(session: Session, order: Order, now: datetime, *, postage: bool = True) -> None:
    parcels.open_parcel(session, order.id, now)
    one_parcel.join(session, order, now, postage=postage)


def _allocate_late(
    session: Session, attempt: CheckoutAttempt, hold: Hold, agreed: Quote, facts: SessionFacts, now: datetime
) -> Order | None:
    """Late but lucky: the hold is gone, yet as many copies are free, so the fan gets those."""
    if _over_limit(session, hold, agreed):
        return None  # they bought again meanwhile
    with session.begin_nested() as savepoint:
        order = placing.place(
            session, hold, agreed, facts.address, hold.email, attempt.id, now, late=True, taxed=taxed(agreed, facts)
        )
        _parcel(session, order, now)
        if all(claims.allocate_free(session, line.run_id, line.quantity, line.id, now) for line in order.lines):
            holds.spend(session, hold, now)
            return order
        savepoint.rollback()
    return None


def _over_limit(session: Session, hold: Hold, agreed: Quote) -> bool:
    """Would these copies be more than the buyer may have, by e-mail or by cookie? Under the buyer's lock."""
    session.flush()
    limits.lock_buyer(session, hold.drop_id, hold.email_key)
    on_sale = sale.of_id(session, hold.drop_id)
    wanted = agreed.copies
    try:
        limits.check(on_sale, wanted, owned_by_email(session, hold.drop_id, hold.email_key, besides=hold.id))
        limits.check(on_sale, wanted, owned_by_fan(session, hold.drop_id, hold.fan))
    except OverLimit:
        return True
    return False

"""Refunds that were begun in Stripe's dashboard, and disputes: written down, and what they mean for an order."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import audit
from app.checkout import fees, money_back
from app.checkout.parts import Choice, Plan, parts_of
from app.fulfilment import joining, parcels
from app.fulfilment.models import Parcel, ParcelState
from app.inventory import counts
from app.orders import taxed_back
from app.orders.models import Order, OrderState
from app.payments import disputes, ledger, refunds
from app.payments.facts import DisputeFacts, RefundFacts
from app.payments.models import Fate, PartKind, Payment, Refund, RefundPart
from app.payments.states import FELL_THROUGH

REASON = "refunded in full in Stripe's dashboard"


def came_from_elsewhere(
    session: Session, payment: Payment, order: Order | None, facts: RefundFacts, now: datetime, cause: str
) -> Refund:
    """The row of a refund that nobody asked for here.

    One that gives back all that was left stands for the whole order. If that has not left it is cancelled, and staff are asked
    what becomes of its copies: nobody here has looked at them.
    """
    book = ledger.of(session, payment)
    parts = [RefundPart(kind=PartKind.AMOUNT, amount=facts.amount)]
    # Measured by what Stripe has: a refund that we are just asking for may be refused because of this one.
    all_back = book.gone + book.lost + facts.amount >= book.captured and facts.state not in FELL_THROUGH
    if order is not None and all_back:
        parcel = parcels.locked(session, order.id)
        parts = _of_all(session, order, payment, parcel, facts.amount)
        if order.state is OrderState.PLACED and parcel.state is not ParcelState.SENT:
            _cancel(session, order, parcel, now)
    refund = refunds.from_elsewhere(session, payment, parts, facts, now, cause)
    taxed_back.by_refund(session, refund)
    _note(session, "refund.appeared", refund.id, order, now, amount=facts.amount, stripe=facts.refund_id, cause=cause)
    return refund


def hear_of_dispute(
    session: Session, payment: Payment, order: Order | None, facts: DisputeFacts, now: datetime, cause: str
) -> None:
    """Write down how a dispute stands; that it was opened, and that it was decided, are noted once each."""
    known = disputes.find(session, facts)
    was_open = known is None or known.closed_at is None
    dispute = disputes.follow(session, payment, facts, now, cause)
    if order is not None:
        taxed_back.by_dispute(session, dispute, order.id)
    fees.of_dispute(session, payment, order, dispute, facts, now)
    about: dict[str, str | int] = {"amount": facts.amount, "stripe": facts.dispute_id, "state": dispute.state.value, "cause": cause}
    if known is None:
        _note(session, "dispute.opened", dispute.id, order, now, **about)
    if was_open and dispute.closed_at is not None:
        _note(session, "dispute.closed", dispute.id, order, now, **about)


def _note(session: Session, deed: str, id_: int, order: Order | None, now: datetime, **about: str | int) -> None:
    label_id, number = (order.label_id, order.reference) if order is not None else (None, None)
    what = deed.partition(".")[0]
    audit.note(session, deed, what, id_, now=now, staff_id=None, label_id=label_id, number=number, **about)


def _of_all(session: Session, order: Order, payment: Payment, parcel: Parcel, amount: int) -> list[RefundPart]:
    fate = Fate.KEPT if parcel.state is ParcelState.SENT else Fate.UNDECIDED
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    return parts_of(session, order, payment, Plan({each.copy_id: Choice(fate) for each in owned}, whole=True), amount)


def _cancel(session: Session, order: Order, parcel: Parcel, now: datetime) -> None:
    """The copies stay allocated until somebody has decided; a packed parcel is opened, so that nobody posts it."""
    joining.call_off(session, order, now, REASON)
    if parcel.state is not ParcelState.OPEN:
        parcels.move(parcel, ParcelState.OPEN, now)
    money_back.tell_cancelled(session, order, now)

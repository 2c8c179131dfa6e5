"""A refund that fell through at Stripe or the bank: tried again, paid back another way, or replaced by another refund."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import invoices, money_back
from app.kernel.errors import Conflict, Disputed, NotFound, OverRefund
from app.kernel.money import Money
from app.orders.models import Order, OrderState
from app.payments import ledger, refunds
from app.payments.models import Payment, Refund, RefundOrigin, RefundPart
from app.payments.refunds import Asked
from app.payments.states import FELL_THROUGH, RefundState


def repeat(session: Session, refund_id: int, staff_id: int, now: datetime) -> Refund:
    """The same refund once more, or what is left of it, under a key of its own; its copies have moved, and stay where they are.

    Raises NotFound, Disputed, OverRefund, or Conflict when it did not fall through or was begun in Stripe's dashboard.
    """
    payment, refund = _fallen(session, refund_id)
    if refund.origin is RefundOrigin.DASHBOARD:
        raise Conflict("This refund was begun in Stripe's dashboard, so try it again there. It appears here by itself.")
    book = ledger.of(session, payment)
    if book.disputed:
        raise Disputed("The fan's bank disputes this payment, so nothing is given back until that is decided.")
    if not book.left:
        raise OverRefund("Nothing is left of this payment any more: other refunds took its place.")
    refunds.move(refund, RefundState.REPEATED, now, f"{refund.failure}; tried again")
    same = list(_up_to(book.left, refund.parts))
    again = refunds.want(session, payment, same, Asked(refund.origin, refund.reason, staff_id), now)
    again.confirmed_by = refund.confirmed_by
    money_back.begin(session, again, now)
    return again


def paid_otherwise(session: Session, refund_id: int, how: str, now: datetime) -> Refund:
    """The fan has the money by other means, said in words; it counts as given back. NotFound, OverRefund or Conflict."""
    payment, refund = _fallen(session, refund_id)
    if refund.amount > ledger.of(session, payment).left:
        raise OverRefund("So much is not left of this payment any more: another refund took its place.")
    refunds.move(refund, RefundState.PAID_OTHERWISE, now, f"{refund.failure}; {how}")
    session.flush()
    invoices.credit_note(session, refund, now)
    return refund


def replaced(session: Session, refund_id: int, now: datetime) -> Refund:
    """Later refunds, made in Stripe's dashboard, say, stand for this one. NotFound, or Conflict when they come to less."""
    payment, refund = _fallen(session, refund_id)
    _check_replaced(session, payment, refund)
    refunds.move(refund, RefundState.REPEATED, now, f"{refund.failure}; another refund stands for it")
    session.flush()
    return refund


def _fallen(session: Session, refund_id: int) -> tuple[Payment, Refund]:
    found = session.get(Refund, refund_id)
    if found is None:
        raise NotFound("There is no such refund.")
    payment = ledger.locked(session, found.payment_id)
    refund = session.get_one(Refund, refund_id, populate_existing=True)
    if refund.state not in FELL_THROUGH:
        raise Conflict("This refund did not fall through, or somebody has dealt with it already.")
    return payment, refund


def _check_replaced(session: Session, payment: Payment, refund: Refund) -> None:
    """Conflict unless as much went back later; of a cancelled order all has to."""
    later = sum(each.amount for each in refunds.given_after(session, refund))
    order = session.get(Order, refund.order_id) if refund.order_id is not None else None
    owed = ledger.of(session, payment).left if order is None or order.state is OrderState.CANCELLED else 0
    if later < refund.amount or owed:
        missing = Money(max(refund.amount - later, owed), refund.currency).format()
        raise Conflict(f"No other refund stands for all of it: {missing} is missing. Try it again, or pay it back another way.")


def _up_to(left: int, parts: Sequence[RefundPart]) -> Iterator[RefundPart]:
    """The parts once more, as far as the money goes; a copy is named even if nothing is left for it."""
    for part in parts:
        amount = min(left, part.amount)
        left -= amount
        if amount or part.copy_id is not None:
            yield RefundPart(
                kind=part.kind,
                amount=amount,
                copy_id=part.copy_id,
                order_line_id=part.order_line_id,
                fate=part.fate,
                words=part.words,
            )

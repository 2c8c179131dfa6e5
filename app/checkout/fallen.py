"""A refund that fell through at Stripe or the bank: tried again, paid back another way, or replaced by another refund."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.checkout import money_back
from app.kernel.errors import Conflict, Disputed, NotFound, OverRefund
from app.payments import ledger, refunds
from app.payments.models import Payment, Refund, RefundOrigin, RefundPart
from app.payments.refunds import Asked
from app.payments.states import FELL_THROUGH, RefundState


def repeat(session: Session, refund_id: int, staff_id: int, now: datetime) -> Refund:
    """The same refund once more, under a key of its own; its copies have moved already, so they stay where they are.

    Raises NotFound, Disputed, OverRefund, or Conflict when it did not fall through or was begun in Stripe's dashboard.
    """
    payment, refund = _fallen(session, refund_id)
    if refund.origin is RefundOrigin.DASHBOARD:
        raise Conflict("This refund was begun in Stripe's dashboard, so try it again there. It appears here by itself.")
    book = ledger.of(session, payment)
    if book.disputed:
        raise Disputed("The fan's bank disputes this payment, so nothing is given back until that is decided.")
    _check_left(book.left, refund)
    refunds.move(refund, RefundState.REPEATED, now, f"{refund.failure}; tried again")
    same = [_copy(part) for part in refund.parts]
    again = refunds.want(session, payment, same, Asked(refund.origin, refund.reason, staff_id), now)
    again.confirmed_by = refund.confirmed_by
    money_back.begin(session, again, now)
    return again


def paid_otherwise(session: Session, refund_id: int, how: str, now: datetime) -> Refund:
    """The fan has the money by other means, said in words; it counts as given back. NotFound, OverRefund or Conflict."""
    payment, refund = _fallen(session, refund_id)
    _check_left(ledger.of(session, payment).left, refund)
    refunds.move(refund, RefundState.PAID_OTHERWISE, now, f"{refund.failure}; {how}")
    session.flush()
    return refund


def replaced(session: Session, refund_id: int, now: datetime) -> Refund:
    """Another refund, made in Stripe's dashboard, say, stands for this one. NotFound or Conflict."""
    _payment, refund = _fallen(session, refund_id)
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


def _check_left(left: int, refund: Refund) -> None:
    if refund.amount > left:
        raise OverRefund("So much is not left of this payment any more: another refund took its place.")


def _copy(part: RefundPart) -> RefundPart:
    return RefundPart(
        kind=part.kind,
        amount=part.amount,
        copy_id=part.copy_id,
        order_line_id=part.order_line_id,
        fate=part.fate,
        words=part.words,
    )

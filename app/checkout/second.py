"""The second person: says yes or no to a refund above the label's limit. A single owner may be their own, later and twice sure."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import people, second
from app.checkout import goods, shortfall_answers
from app.checkout.refund import By, Folder, carry_out, locked
from app.fulfilment.models import ParcelState
from app.kernel.errors import Conflict, Disputed, NotFound, OverRefund
from app.orders.models import Order
from app.payments import ledger, refunds
from app.payments.models import Refund
from app.payments.states import RefundState


def may_alone(session: Session, order: Order, refund: Refund, staff_id: int) -> bool:
    """May this person confirm what they asked for themselves? Only the label's single owner may."""
    return second.may_alone(refund.asked_by, staff_id, people.owners(session, order.label_id))


def confirm(session: Session, refund_id: int, by: By, now: datetime) -> Refund:
    """Carry out a proposed refund. `by.reason` is needed from who asked for it themselves, and their password just before.

    Raises NotFound, Forbidden, Disputed, or Conflict when it is decided already, too early, or not possible any more.
    """
    folder, refund = _proposed(session, refund_id)
    if refund.asked_by == by.staff_id:
        alone = by.staff_id is not None and may_alone(session, folder.order, refund, by.staff_id)
        second.check_alone(refund.created_at, by.reason, now, alone=alone)
    book = ledger.of(session, folder.payment)
    if book.disputed:
        raise Disputed("The fan's bank disputes this payment by now, so nothing is given back until that is decided.")
    if book.given_back + book.lost > book.captured:
        raise OverRefund("So much is not left of this payment any more: money went back in Stripe's dashboard meanwhile.")
    if goods.leaving(refund.parts):
        goods.check_in_reach(folder.parcel, sent=_was_sent(folder, refund))
    refunds.move(refund, RefundState.WANTED, now)
    refund.confirmed_by, refund.created_at = by.staff_id, now  # it begins now: books that were closed meanwhile stay so
    carry_out(session, folder, refund, replace(by, reason=refund.reason), now)
    return refund


def decline(session: Session, refund_id: int, now: datetime) -> Refund:
    """Say no to a proposed refund, or take back one's own; nothing has moved. NotFound, or Conflict when it is decided."""
    _folder, refund = _proposed(session, refund_id)
    refunds.move(refund, RefundState.DECLINED, now)
    session.flush()
    shortfall_answers.declined(session, refund.id, now)
    return refund


def _proposed(session: Session, refund_id: int) -> tuple[Folder, Refund]:
    found = session.get(Refund, refund_id)
    if found is None or found.order_id is None:
        raise NotFound("There is no such refund.")
    folder = locked(session, found.order_id)
    refund = session.get_one(Refund, refund_id, populate_existing=True)
    if refund.state is not RefundState.PROPOSED:
        raise Conflict("Somebody has decided about this refund already.")
    return folder, refund


def _was_sent(folder: Folder, refund: Refund) -> bool:
    """Had the parcel left when this was asked for?"""
    shipment = folder.parcel.shipment
    return folder.parcel.state is ParcelState.SENT and shipment is not None and shipment.sent_at <= refund.created_at

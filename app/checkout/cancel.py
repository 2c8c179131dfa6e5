"""Cancel an order that is not packed yet: its copies leave it, its money goes back or is never taken, in one deed."""

from collections.abc import Mapping, Set
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.checkout import goods, money_back
from app.checkout.parts import CHANGED, Choice, Plan
from app.checkout.refund import WAITS, By, ask
from app.checkout.settle import VOID
from app.fulfilment import again, joining, parcels
from app.fulfilment.models import Parcel, ParcelState
from app.inventory import claims, counts
from app.kernel import outbox
from app.kernel.errors import AlreadyShipped, BadInput, Conflict, Disputed, Refusal
from app.orders import placing
from app.orders.models import Order, OrderState
from app.payments import ledger, refunds
from app.payments.models import Fate, PartKind, Payment, Refund, RefundOrigin, RefundPart
from app.payments.states import PaymentState, RefundState

BY_FAN = "cancelled by the fan"
OPEN = frozenset({ParcelState.OPEN})
CANCELLED = "cancelled"  # the reason why money that was only promised is let go


def cancel(session: Session, order_id: int, copies: Mapping[int, Choice], by: By, now: datetime) -> Refund | None:
    """Cancel as staff say, with a choice for each copy; the refund that goes with it, which may wait for a second person.

    Raises NotFound, AlreadyShipped, Disputed, or Conflict when it is packed, cancelled, or changed since.
    """
    payment, order, parcel = _locked(session, order_id)
    _check(order, parcel.state, {ParcelState.OPEN, ParcelState.LOCKED}, disputed=_disputed(session, payment))
    return _cancel(session, payment, order, copies, by, now)


def cancel_by_fan(session: Session, order_id: int, now: datetime, *, before: Set[ParcelState] = OPEN) -> None:
    """Cancel as the fan, who may until packing begins: everything goes back. Raises as `cancel` does."""
    payment, order, parcel = _locked(session, order_id)
    _check(order, parcel.state, before, disputed=_disputed(session, payment))
    if again.stands_for(session, order_id):
        raise Conflict(f"This is sent in place of something you paid for, so only the label can call it off: {order.label.email}.")
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    by = By(RefundOrigin.FAN, claims.FAN, BY_FAN)
    _cancel(session, payment, order, {each.copy_id: Choice(Fate.PUT_BACK) for each in owned}, by, now)


def check_possible(session: Session, order: Order) -> None:
    """The same no before anybody has filled in a form."""
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    parcel = session.scalars(select(Parcel).where(Parcel.order_id == order.id)).one()
    _check(order, parcel.state, {ParcelState.OPEN, ParcelState.LOCKED}, disputed=_disputed(session, payment))


def may_fan(order: Order, parcel: ParcelState, *, disputed: bool, before: Set[ParcelState] = OPEN) -> bool:
    """May the fan cancel it at this moment?"""
    try:
        _check(order, parcel, before, disputed=disputed)
    except Refusal:
        return False
    return True


def _locked(session: Session, order_id: int) -> tuple[Payment | None, Order, Parcel]:
    payment = ledger.of_order(session, order_id)
    return payment, placing.locked(session, order_id), parcels.locked(session, order_id)


def _disputed(session: Session, payment: Payment | None) -> bool:
    return payment is not None and ledger.of(session, payment).disputed


def _check(order: Order, parcel: ParcelState, before: Set[ParcelState], *, disputed: bool) -> None:
    if order.state is OrderState.CANCELLED:
        raise Conflict("This order is cancelled already.")
    if parcel is ParcelState.SENT:
        raise AlreadyShipped("The parcel has left, so the order cannot be cancelled any more. It can be sent back.")
    if parcel not in before:
        raise Conflict("Packing has begun, so the order cannot be cancelled. Who packs it can open it again.")
    if disputed:
        raise Disputed("The bank disputes this payment. The order can be cancelled once that is decided.")


def _cancel(
    session: Session, payment: Payment | None, order: Order, copies: Mapping[int, Choice], by: By, now: datetime
) -> Refund | None:
    if any(choice.fate not in {Fate.PUT_BACK, Fate.WITHDRAWN} for choice in copies.values()):
        raise BadInput("Say of each copy whether it goes back on sale or is withdrawn.")
    if payment is not None:
        _overtake(session, payment, by, now)
    left = ledger.of(session, payment).left if payment is not None else 0
    if left:
        return ask(session, order.id, Plan(copies, whole=True), left, by, now)
    _empty(session, order, copies, by, now)
    joining.call_off(session, order, now, by.reason)
    if payment is not None and payment.state is PaymentState.AUTHORISED:
        payment.void_reason = CANCELLED
        outbox.enqueue(session, VOID, str(payment.id), {"payment": payment.id}, now=now, priority=2)
    else:  # of promised money we do not know yet whether a capture is under way: the fan is told once that is clear
        money_back.tell_cancelled(session, order, now)
    session.flush()
    return None


def _overtake(session: Session, payment: Payment, by: By, now: datetime) -> None:
    """What staff have proposed is decided first; a fan, who gets everything back, does not wait for that."""
    for refund in refunds.proposed(session, payment):
        if by.origin is not RefundOrigin.FAN:
            raise Conflict(WAITS)
        refunds.move(refund, RefundState.DECLINED, now, "the fan cancelled the order")


def _empty(session: Session, order: Order, copies: Mapping[int, Choice], by: By, now: datetime) -> None:
    """Take all copies out of an order for which no money goes back."""
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    chosen = [_part(each.copy_id, copies[each.copy_id]) for each in owned if each.copy_id in copies]
    if len(goods.leaving(chosen)) != len(owned) or len(copies) != len(owned):
        raise Conflict(CHANGED)
    goods.move(session, order, chosen, now, by.actor, "order cancelled")


def _part(copy_id: int, choice: Choice) -> RefundPart:
    """A copy and where it goes; it is not stored, no money goes with it."""
    return RefundPart(kind=PartKind.COPY, amount=0, copy_id=copy_id, fate=choice.fate, words=choice.words)

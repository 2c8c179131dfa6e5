"""Give money of an order back and say what becomes of its copies; above the label's limit a second person says yes first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import goods, money_back
from app.checkout.parts import Plan, parts_of
from app.fulfilment import again, joining, parcels
from app.fulfilment.models import Parcel, ParcelState
from app.inventory import counts
from app.kernel.errors import BadInput, Conflict, Disputed, NotPaid, OverRefund
from app.kernel.money import Money
from app.orders import placing
from app.orders.models import Order, OrderState
from app.payments import ledger, refunds
from app.payments.ledger import Ledger
from app.payments.models import Payment, Refund, RefundOrigin, RefundPart
from app.payments.refunds import Asked
from app.payments.states import GIVEN, PaymentState, RefundState

WAITS = "A refund of this order waits for a second person. Decide about that first."


@dataclass(frozen=True)
class Outlook:
    """What a plan comes to: its parts and their sum, whether it cancels the order, whether it needs a second person.

    `left` is what was left of the order's money before, in minor units.
    """

    parts: tuple[RefundPart, ...]
    amount: Money
    left: int
    cancels: bool
    second: bool


@dataclass(frozen=True)
class By:
    """Who gives money back, and why; `staff_id` only at the desk, `actor` as stock movements name them."""

    origin: RefundOrigin
    actor: str
    reason: str
    staff_id: int | None = None


@dataclass(frozen=True)
class Folder:
    """An order with its money and its parcel."""

    payment: Payment
    order: Order
    parcel: Parcel


def outlook(session: Session, folder: Folder, plan: Plan) -> Outlook:
    """What a plan comes to now, changing nothing. Raises NotPaid, Disputed, OverRefund, BadInput or Conflict."""
    payment, order, parcel = folder.payment, folder.order, folder.parcel
    book = _check_open(ledger.of(session, payment))
    if again.count(session, order.id) != plan.mishaps:
        raise Conflict("A copy of this order came back, or is sent again, since you looked. Look again, then choose.")
    parts = parts_of(session, order, payment, plan, book.left)
    amount = sum(part.amount for part in parts)
    if amount > book.left:
        left = Money(book.left, payment.currency).format()
        raise OverRefund(f"Only {left} of this order's money is left to be given back.")
    if amount <= 0:
        raise BadInput("Choose what to give back: it comes to nothing as it is.")
    going = goods.leaving(parts)
    if going:
        goods.check_in_reach(parcel, sent=plan.sent)
    cancels = parcel.state is not ParcelState.SENT and order.state is OrderState.PLACED and _all(session, order, going)
    if cancels and amount != book.left:
        raise Conflict("Then nothing is left to be sent. Choose the whole order, so that all of its money goes back.")
    return Outlook(
        tuple(parts), Money(amount, payment.currency), book.left, cancels, _needs_second(session, order, payment, amount)
    )


def check_possible(session: Session, folder: Folder) -> None:
    """Disputed while nothing can be given back of this order, OverRefund when nothing is left."""
    if not _check_open(ledger.of(session, folder.payment)).left:
        raise OverRefund("All of this order's money has gone back already, or is on its way.")


def ask(session: Session, order_id: int, plan: Plan, shown: int, by: By, now: datetime, *, left: int | None = None) -> Refund:
    """Begin a refund, or propose it to a second person; `shown` is the sum that the person agreed to, in minor units.

    `left` is what was left when they did: the same form, sent twice, gives nothing back twice.
    Raises what `outlook` does, and Conflict when either is another one by now.
    """
    folder = locked(session, order_id)
    comes_to = outlook(session, folder, plan)
    if left is not None and left != comes_to.left:
        raise Conflict("Money of this order went back since you looked at it. Look again, then choose.")
    if comes_to.amount.amount != shown:
        raise Conflict(f"It comes to {comes_to.amount.format()} by now, not to what you were shown. Look again, then choose.")
    second = comes_to.second and by.origin is RefundOrigin.DESK
    state = RefundState.PROPOSED if second else RefundState.WANTED
    asked = Asked(by.origin, by.reason, by.staff_id)
    refund = refunds.want(session, folder.payment, comes_to.parts, asked, now, state=state)
    if not second:
        carry_out(session, folder, refund, by, now)
    return refund


def carry_out(session: Session, folder: Folder, refund: Refund, by: By, now: datetime) -> None:
    """Move the copies of a wanted refund and have Stripe asked; an order that has nothing left to be sent is cancelled."""
    order, sent = folder.order, folder.parcel.state is ParcelState.SENT
    last = not sent and order.state is OrderState.PLACED and _all(session, order, goods.leaving(refund.parts))
    goods.move(session, order, refund.parts, now, by.actor, "order cancelled" if last else "refunded")
    if last:
        _check_nothing_stays(session, folder.payment)
        joining.call_off(session, order, now, by.reason)
        money_back.tell_cancelled(session, order, now)
    money_back.begin(session, refund, now)
    session.flush()


def _check_nothing_stays(session: Session, payment: Payment) -> None:
    """Conflict when money of an order that has nothing left to be sent would stay, or might."""
    if refunds.proposed(session, payment):
        raise Conflict(WAITS)
    left = ledger.of(session, payment).left
    if left:
        stays = Money(left, payment.currency).format()
        raise Conflict(f"Then nothing is left to be sent, and {stays} of its money would stay. Choose the whole order.")


def locked(session: Session, order_id: int) -> Folder:
    """An order with its money and parcel, locked in the sequence of all locks. NotPaid when nothing was due."""
    payment = ledger.of_order(session, order_id)
    order = placing.locked(session, order_id)
    return _paid(payment, order, parcels.locked(session, order_id))


def look(session: Session, order: Order) -> Folder:
    """The same without locks, for a page. NotPaid when nothing was due."""
    payment = session.scalar(select(Payment).where(Payment.order_id == order.id))
    return _paid(payment, order, session.scalars(select(Parcel).where(Parcel.order_id == order.id)).one())


def _paid(payment: Payment | None, order: Order, parcel: Parcel) -> Folder:
    if payment is None or payment.state is not PaymentState.CAPTURED:
        raise NotPaid("No money has been taken for this order, so none can be given back. To call it off, cancel it.")
    return Folder(payment, order, parcel)


def _check_open(book: Ledger) -> Ledger:
    if book.disputed:
        raise Disputed(
            "The fan's bank disputes this payment. Until it is decided nothing is given back here, it would be lost twice. "
            "Answer the bank in Stripe's dashboard."
        )
    return book


def _all(session: Session, order: Order, going: Collection[int]) -> bool:
    owned = counts.owned_by_lines(session, [line.id for line in order.lines])
    return bool(owned) and {each.copy_id for each in owned} <= set(going)


def _needs_second(session: Session, order: Order, payment: Payment, amount: int) -> bool:
    """Does this, with all that the desk has given back of the order before, go beyond the label's limit?"""
    if order.label.refund_limit is None:
        return False
    before = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        Refund.payment_id == payment.id, Refund.origin == RefundOrigin.DESK, Refund.state.in_(GIVEN)
    )
    return int(session.scalar(before) or 0) + amount > order.label.refund_limit

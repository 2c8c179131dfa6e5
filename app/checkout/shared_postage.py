"""Give back what postage costs less because orders leave in one parcel: by itself, once for an order, never more than was paid."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.checkout import money_back
from app.checkout.one_parcel import note
from app.checkout.one_way import way
from app.checkout.refund import WAITS
from app.checkout.tariff_vat import with_vat
from app.fulfilment import parcels, together
from app.fulfilment.models import SharedPostage
from app.kernel.errors import Conflict, NotPaid
from app.kernel.money import STRIPE_MINIMUM
from app.orders import placing
from app.orders.models import Order
from app.payments import ledger, refunds
from app.payments.models import PartKind, Payment, Refund, RefundOrigin, RefundPart
from app.payments.refunds import Asked
from app.payments.states import GIVEN, PaymentState, RefundState

REASON = "leaves in one parcel with another order"
GIVEN_BACK = "order.postage_shared"


def give_back(session: Session, order_id: int, now: datetime) -> int:
    """What goes back for an order that joined a parcel, in minor units; 0 when nothing does, or did before.

    NotPaid while money of what leaves so is being taken, Conflict while a refund of it waits for a second person: ask again.
    """
    payment = ledger.of_order(session, order_id)
    order = placing.locked(session, order_id)
    parcels.locked(session, order_id)
    if payment is None or session.get(SharedPostage, order_id) is not None:
        return 0
    orders = together.orders(session, order_id)
    if _money_is_coming(session, orders):
        raise NotPaid("The money of an order in this parcel is being taken still.")
    if refunds.proposed(session, payment):
        raise Conflict(WAITS)
    amount = saved(session, order, orders)
    if not amount:
        return 0
    part = RefundPart(kind=PartKind.POSTAGE, amount=amount)
    refund = refunds.want(session, payment, [part], Asked(RefundOrigin.MACHINE, REASON), now, state=RefundState.WANTED)
    session.add(SharedPostage(order_id=order_id, refund_id=refund.id, at=now))
    money_back.begin(session, refund, now)
    note(session, GIVEN_BACK, order, now, amount=amount)
    session.flush()
    return amount


def saved(session: Session, order: Order, orders: Sequence[Order]) -> int:
    """How much of an order's postage is too much, now that these leave together; 0 when it is less than Stripe's least charge.

    That is what was paid for all of them and has not gone back, less what they cost together; of this order's own at most what
    is left. Orders whose money was not taken, or is disputed, have paid nothing.
    """
    together_for = way(session, orders) if len(orders) > 1 else None
    payments = {each.order_id: each for each in _payments(session, orders)}
    if together_for is None or order.id not in payments:
        return 0
    back = postage_back(session, list(payments.values()))
    left = {each.id: each.postage_amount - back.get(each.id, 0) for each in orders if each.id in payments}
    own = ledger.of(session, payments[order.id])
    costs = with_vat(session, order, together_for.amount.amount)
    amount = min(sum(left.values()) - costs, left[order.id], own.left)
    return 0 if own.disputed or amount < STRIPE_MINIMUM.get(order.currency, 1) else amount


def postage_back(session: Session, payments: Sequence[Payment]) -> dict[int, int]:
    """How much postage of each order went back or is on its way, in minor units."""
    parts = select(Refund.order_id, func.sum(RefundPart.amount)).join(RefundPart, RefundPart.refund_id == Refund.id)
    parts = parts.where(Refund.payment_id.in_([each.id for each in payments]), Refund.state.in_(GIVEN))
    found = session.execute(parts.where(RefundPart.kind == PartKind.POSTAGE).group_by(Refund.order_id)).all()
    return {order_id: int(amount) for order_id, amount in found if order_id is not None}


def went_back(session: Session, order_ids: Sequence[int]) -> bool:
    """Did postage go back because these orders leave together?"""
    mine = select(SharedPostage.order_id).where(SharedPostage.order_id.in_(order_ids)).limit(1)
    return session.scalar(mine) is not None


def gone(session: Session, order_ids: Sequence[int]) -> int:
    """How much postage went back because these orders leave together, in minor units."""
    mine = select(func.sum(Refund.amount)).join(SharedPostage, SharedPostage.refund_id == Refund.id)
    return int(session.scalar(mine.where(SharedPostage.order_id.in_(order_ids), Refund.state.in_(GIVEN))) or 0)


def _money_is_coming(session: Session, orders: Sequence[Order]) -> bool:
    coming = select(Payment.id).where(Payment.order_id.in_([each.id for each in orders]))
    return session.scalar(coming.where(Payment.state == PaymentState.AUTHORISED).limit(1)) is not None


def _payments(session: Session, orders: Sequence[Order]) -> Sequence[Payment]:
    """Those whose money was taken."""
    taken = select(Payment).where(Payment.order_id.in_([each.id for each in orders]))
    return session.scalars(taken.where(Payment.state == PaymentState.CAPTURED)).all()

"""Where an order stands, from facts: its own state, its money, its parcel; disputed or waiting while it must not leave."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, or_, select

from app.fulfilment.models import Parcel, ParcelState
from app.fulfilment.waiting import WAITS
from app.kernel.schema import is_one_of
from app.orders.models import Order, OrderState
from app.payments.models import Payment
from app.payments.states import PaymentState
from app.reports.money_word import DISPUTED


class Stage(StrEnum):
    """Exactly one of these is true of every order."""

    TO_PACK = "to-pack"
    WAITING = "waiting"
    PACKED = "packed"
    SHIPPED = "shipped"
    UNPAID = "unpaid"
    DISPUTED = "disputed"
    CANCELLED = "cancelled"


_PLACED = Order.state == OrderState.PLACED
_CAPTURED = exists().where(Payment.order_id == Order.id, Payment.state == PaymentState.CAPTURED).correlate(Order)
PAID: ColumnElement[bool] = or_(Order.total_amount == 0, _CAPTURED)


def _parcel(*states: ParcelState) -> ColumnElement[bool]:
    return exists().where(Parcel.order_id == Order.id, Parcel.state.in_(states)).correlate(Order)


_SENT, _PACKED = _parcel(ParcelState.SENT), _parcel(ParcelState.PACKED)

# Parcels that have not left are few, however many have; so orders are looked for from there. Only orders that stand are sent.
HERE = Order.id.in_(select(Parcel.order_id).where(is_one_of(Parcel.state, *(s for s in ParcelState if s is not ParcelState.SENT))))

# For select(Order).where(…): the condition of each stage; they exclude one another.
CONDITIONS: dict[Stage, ColumnElement[bool]] = {
    Stage.TO_PACK: and_(HERE, _PLACED, PAID, ~DISPUTED, ~_PACKED, ~WAITS),
    Stage.WAITING: and_(HERE, _PLACED, PAID, ~DISPUTED, ~_PACKED, WAITS),
    Stage.PACKED: and_(HERE, _PLACED, PAID, ~DISPUTED, _PACKED),
    Stage.SHIPPED: and_(_PLACED, _SENT),
    Stage.UNPAID: and_(HERE, _PLACED, ~PAID),
    Stage.DISPUTED: and_(HERE, _PLACED, PAID, DISPUTED),
    Stage.CANCELLED: and_(HERE, Order.state == OrderState.CANCELLED),
}

# The stage of each of select(Order).where(HERE).
STAGE_HERE = case(
    (Order.state == OrderState.CANCELLED, Stage.CANCELLED.value),
    (~PAID, Stage.UNPAID.value),
    (DISPUTED, Stage.DISPUTED.value),
    (_PACKED, Stage.PACKED.value),
    (WAITS, Stage.WAITING.value),
    else_=Stage.TO_PACK.value,
)


def stage_of(order: Order, *, paid: bool, disputed: bool, parcel: ParcelState | None, waits: bool = False) -> Stage:
    """The stage of one order whose facts are at hand."""
    if order.state is OrderState.CANCELLED:
        return Stage.CANCELLED
    if parcel is ParcelState.SENT:
        return Stage.SHIPPED
    if not paid:
        return Stage.UNPAID
    if disputed:
        return Stage.DISPUTED
    if parcel is ParcelState.PACKED:
        return Stage.PACKED
    return Stage.WAITING if waits else Stage.TO_PACK

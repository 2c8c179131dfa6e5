"""Ship an order's parcel: only when it is paid and nobody disputes it, and only once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import contents, parcels
from app.fulfilment.carriers import tracking_link
from app.fulfilment.models import ParcelState, Shipment
from app.inventory import claims, shortfalls
from app.kernel import outbox
from app.kernel.errors import Conflict, Disputed, NotPaid
from app.orders import placing
from app.orders.models import Order, OrderState
from app.payments import ledger
from app.payments.models import Payment
from app.payments.states import PaymentState

SHIPPED = "mail.shipped"


def pack(session: Session, order_id: int, now: datetime) -> None:
    """Mark an order's parcel as packed. Raises NotPaid, Disputed, AlreadyShipped, or Conflict: a copy of it did not come."""
    order = placing.locked(session, order_id)
    check_paid(session, order)
    parcel = parcels.locked(session, order.id)
    check_here(session, order)
    parcels.move(parcel, ParcelState.PACKED, now)


def unpack(session: Session, order_id: int, now: datetime) -> None:
    """Open a packed parcel again; what was scanned into it must be scanned again. Raises AlreadyShipped or Conflict."""
    placing.locked(session, order_id)
    parcel = parcels.locked(session, order_id)
    parcels.reopen(parcel, now)
    contents.empty(session, parcel)


def ship(session: Session, order_id: int, carrier: str, tracking: str, now: datetime, actor: str) -> Shipment:
    """The parcel of an order left: copies shipped, the fan told by mail. Raises NotPaid, Disputed, AlreadyShipped or Conflict."""
    order = placing.locked(session, order_id)
    check_paid(session, order)
    parcel = parcels.locked(session, order.id)
    check_here(session, order)
    shipment = parcels.send(session, parcel, carrier.strip(), tracking.strip(), tracking_link(carrier, tracking), now)
    claims.ship(session, [line.id for line in order.lines], now, actor)
    outbox.enqueue(session, SHIPPED, str(shipment.id), {"shipment": shipment.id}, now=now, once=True, priority=6)
    return shipment


def check_paid(session: Session, order: Order) -> None:
    """NotPaid unless the order stands and its money was captured, or nothing was due; Disputed when its bank wants it back."""
    if order.state is OrderState.CANCELLED:
        raise NotPaid("This order was cancelled, so it must not be packed.")
    if order.total_amount == 0:
        return
    captured = select(Payment).where(Payment.order_id == order.id, Payment.state == PaymentState.CAPTURED)
    payment = session.scalar(captured)
    if payment is None:
        raise NotPaid("The money for this order has not been captured yet. It usually takes a few seconds; try again then.")
    book = ledger.of(session, payment)
    if book.disputed:
        raise Disputed("The fan's bank disputes this payment or asks about it, so the parcel stays here until that is decided.")
    if book.lost:
        raise Disputed("The bank has taken the money for this order back, so the parcel must not leave. Cancel the order.")


def check_here(session: Session, order: Order) -> None:
    """Conflict while a copy of the order did not come from the plant and is owed: one parcel, and nothing leaves without it."""
    if shortfalls.absent(session, [line.id for line in order.lines]):
        raise Conflict(
            "A copy of this order has not come from the plant, so its parcel stays here. It can leave once the fan has another, "
            "or the money for it."
        )

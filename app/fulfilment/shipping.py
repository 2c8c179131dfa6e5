"""Ship an order's parcel: only when it is paid and nobody disputes it, and only once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import contents, parcels, together, waiting
from app.fulfilment.carriers import tracking_link
from app.fulfilment.models import Parcel, ParcelState, Shipment
from app.inventory import claims
from app.kernel import outbox
from app.kernel.errors import Disputed, NotPaid, Refusal
from app.orders import placing
from app.orders.models import Order, OrderLine, OrderState
from app.payments import ledger
from app.payments.models import Payment
from app.payments.states import PaymentState

SHIPPED = "mail.shipped"


def pack(session: Session, order_id: int, now: datetime) -> None:
    """Mark an order's parcel as packed, with all that leaves in it.

    Raises NotPaid, Disputed, AlreadyShipped, or Conflict: packed, or it waits for the plant.
    """
    leaving = _paid(session, order_id)
    _check_here(session, leaving)
    for parcel in leaving:
        parcels.move(parcel, ParcelState.PACKED, now)


def unpack(session: Session, order_id: int, now: datetime) -> None:
    """Open a packed parcel again; what was scanned into it must be scanned again. Raises AlreadyShipped or Conflict."""
    placing.locked(session, order_id)
    for parcel in together.locked(session, [order_id]):
        parcels.reopen(parcel, now)
        contents.empty(session, parcel)


def ship(session: Session, order_id: int, carrier: str, tracking: str, now: datetime, actor: str) -> Shipment:
    """The parcel of an order left with all that is in it: copies shipped, the fan told by one mail.

    Raises NotPaid, Disputed, AlreadyShipped, or Conflict while it waits for the plant.
    """
    leaving = _paid(session, order_id)
    _check_here(session, leaving)
    how = carrier.strip(), tracking.strip(), tracking_link(carrier, tracking)
    shipment, *_ = [parcels.send(session, parcel, *how, now) for parcel in leaving]
    lines = select(OrderLine.id).where(OrderLine.order_id.in_([parcel.order_id for parcel in leaving])).order_by(OrderLine.id)
    claims.ship(session, list(session.scalars(lines)), now, actor)
    outbox.enqueue(session, SHIPPED, str(shipment.id), {"shipment": shipment.id}, now=now, once=True, priority=6)
    return shipment


def _paid(session: Session, order_id: int) -> list[Parcel]:
    """The parcels that leave with an order's, first things first, once every order in them is paid; locked."""
    placing.locked(session, order_id)
    parcels.locked(session, order_id)
    for order in together.orders(session, order_id):
        try:
            check_paid(session, order)
        except Refusal as no:
            raise no if order.id == order_id else _of_another(no, order) from no
    return together.members(session, order_id)


def _check_here(session: Session, leaving: list[Parcel]) -> None:
    """Conflict while one of the orders in these parcels waits for the plant; what is packed is here."""
    for parcel in leaving:
        packed = parcel.state in {ParcelState.PACKED, ParcelState.SENT}
        (waiting.check_came if packed else waiting.check_here)(session, parcel.order_id)


def _of_another(no: Refusal, order: Order) -> Refusal:
    """The same no, of an order that leaves in the same parcel."""
    return type(no)(f"№ {order.reference} leaves in the same parcel, and: {no.detail}")


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

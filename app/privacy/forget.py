"""Empties what orders, payments and parcels know of a fan; amounts, countries, numbers, times and Stripe's ids stay."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.fulfilment.models import Mishap, Parcel, Shipment
from app.inventory.delivery_models import Shortfall
from app.inventory.forgetting import nobody
from app.inventory.models import Hold
from app.orders.models import Order, OrderLine, OrderNote
from app.orders.vat_models import Invoice
from app.payments.models import CheckoutAttempt, Payment, Refund, RefundPart

WHERE = ("line1", "line2", "postal_code", "city", "region")
_ABOUT_THEM = ("customer_email", "success_url", "cancel_url")  # of a request to Stripe: whose it was, and the links to their hold


def address(session: Session, order: Order) -> None:
    """Where an order went, and how to follow its parcel there."""
    for name in WHERE:
        setattr(order, name, "")
    parcels = select(Parcel.id).where(Parcel.order_id == order.id)
    session.execute(update(Shipment).where(Shipment.parcel_id.in_(parcels)).values(tracking="", tracking_url=""))


def name_and_address(session: Session, order: Order) -> None:
    """The last that an order knows of a person."""
    order.name = ""
    session.execute(update(Invoice).where(Invoice.order_id == order.id).values(buyer=""))
    address(session, order)
    session.flush()


def contact(session: Session, order: Order, *, counted: bool) -> None:
    """How to reach them, what they and staff wrote, and the links; an order that is `counted` keeps whose cookie it was."""
    order.email = order.email_key = order.note = order.cancel_reason = ""
    order.generation += 1
    if not counted:
        order.fan = nobody(order.hold_id)
    session.execute(delete(OrderNote).where(OrderNote.order_id == order.id))
    lines = select(OrderLine.id).where(OrderLine.order_id == order.id)
    session.execute(update(Mishap).where(Mishap.order_line_id.in_(lines)).values(words=""))
    session.execute(update(Shortfall).where(Shortfall.order_line_id.in_(lines)).values(words=""))
    session.flush()


def payments(session: Session, hold: Hold) -> list[str]:
    """What was sent to Stripe of them, and words about money that went back; the ids of the sessions at Stripe."""
    tried = session.scalars(select(CheckoutAttempt).where(CheckoutAttempt.hold_id == hold.id)).all()
    for attempt in tried:
        attempt.request = {name: value for name, value in attempt.request.items() if name not in _ABOUT_THEM}
        attempt.url = attempt.last_error = None
    paid = select(Payment.id).where(Payment.attempt_id.in_([attempt.id for attempt in tried]))
    for refund in session.scalars(select(Refund).where(Refund.payment_id.in_(paid))):
        refund.reason, refund.failure = "", refund.failure.partition(";")[0]  # what follows was typed: how it was paid back
        session.execute(update(RefundPart).where(RefundPart.refund_id == refund.id).values(words=""))
    session.flush()
    return [attempt.session_id for attempt in tried if attempt.session_id]

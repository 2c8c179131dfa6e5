"""What happened to an order, told from its rows: hold, attempts, money, outbox, parcel, deeds of the desk."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment.models import Mishap, Shipment
from app.inventory.holds import AT_THE_DESK, SENT_AGAIN
from app.inventory.models import DeskHold, Hold
from app.kernel.money import Money
from app.kernel.outbox import Job, JobState
from app.orders.models import Order
from app.payments.models import CheckoutAttempt, Payment
from app.payments.states import AttemptState, PaymentState
from app.reports.deeds import MACHINE, Entry, actors, of_entity, staff_names

FAN, STRIPE = "the fan", "Stripe"

JOBS = {
    "mail.confirmed": "confirmation",
    "mail.shipped": "mail about the parcel",
    "mail.not_charged": "mail that nothing was charged",
    "mail.refunded": "mail about the refund",
    "mail.cancelled": "mail that the order was cancelled",
    "mail.making": "mail about the pre-order",
    "mail.still_there": "mail that asks about the address",
    "mail.short": "mail about a copy that did not come",
    "shortfall.refund": "refund for a copy that did not come",
    "payment.capture": "capture of the payment",
    "payment.void": "letting the payment go",
    "refund.send": "refund at Stripe",
    "postage.give_back": "look whether postage goes back",
}
_ATTEMPTS = {
    AttemptState.COMPLETE: "payment page completed",
    AttemptState.EXPIRED: "payment page expired unpaid",
    AttemptState.FAILED: "payment page failed",
}
_PAYMENTS = {
    PaymentState.CAPTURED: "payment captured",
    PaymentState.CAPTURE_FAILED: "payment lost: it was let go before it was captured",
    PaymentState.VOIDED: "payment let go, nothing charged",
}


def of_hold(session: Session, hold_id: int, zone: str) -> list[Entry]:
    """When the copies were taken, set aside at the desk, or taken to be sent in place of others."""
    hold = session.get_one(Hold, hold_id)
    if hold.fan.startswith(SENT_AGAIN):
        return [Entry(hold.created_at, _who_sent(session, hold_id), "copies taken to be sent in place of others", "", zone)]
    if hold.fan.startswith(AT_THE_DESK):
        known = session.get_one(DeskHold, hold_id)
        return [Entry(hold.created_at, staff_names(session, [known.staff_id])[known.staff_id], "copy set aside", "", zone)]
    return [Entry(hold.created_at, FAN, "copies held", "", zone)]


def _who_sent(session: Session, hold_id: int) -> str:
    sent = select(Mishap.actor).join(Order, Order.id == Mishap.again_order_id).where(Order.hold_id == hold_id)
    actor = session.scalar(sent.order_by(Mishap.id).limit(1)) or "machine"
    return actors(session, [actor]).get(actor, MACHINE)


def of_attempt(attempt: CheckoutAttempt, zone: str) -> list[Entry]:
    """The way to Stripe and back."""
    amount = Money(attempt.amount, attempt.currency).format()
    entries = [Entry(attempt.created_at, FAN, f"went to pay {amount}", f"try {attempt.number}", zone)]
    if attempt.ended_at is not None and attempt.state in _ATTEMPTS:
        entries.append(Entry(attempt.ended_at, STRIPE, _ATTEMPTS[attempt.state], attempt.last_error or "", zone))
    return entries


def of_payment(payment: Payment, zone: str) -> list[Entry]:
    """Authorised, then captured or let go."""
    amount = Money(payment.amount, payment.currency).format()
    entries = [Entry(payment.authorised_at, STRIPE, f"{amount} authorised", payment.intent_id, zone)]
    if payment.ended_at is not None:
        entries.append(Entry(payment.ended_at, STRIPE, _PAYMENTS[payment.state], payment.void_reason or "", zone))
    return entries


def of_order(order: Order, zone: str) -> list[Entry]:
    """Placed, perhaps cancelled."""
    late = "the hold was over, but copies were free" if order.late else ""
    entries = [Entry(order.placed_at, MACHINE, f"order № {order.reference} placed, copies allocated", late, zone)]
    if order.cancelled_at is not None:
        entries.append(Entry(order.cancelled_at, MACHINE, "order cancelled", order.cancel_reason, zone))
    return entries


def of_job(job: Job, zone: str) -> list[Entry]:
    """Queued, then sent, waiting or dead."""
    what = JOBS.get(job.kind, job.kind)
    entries = [Entry(job.created_at, MACHINE, f"{what} queued", "", zone)]
    if job.state is JobState.DONE and job.finished_at is not None:
        entries.append(Entry(job.finished_at, MACHINE, f"{what} {'sent' if job.kind.startswith('mail.') else 'done'}", "", zone))
    elif job.state is JobState.DEAD and job.finished_at is not None:
        entries.append(Entry(job.finished_at, MACHINE, f"{what} given up", job.last_error or "", zone))
    elif job.attempts:
        again = f"tried {job.attempts} times, again later: {job.last_error or 'under way'}"
        entries.append(Entry(job.created_at, MACHINE, f"{what} not sent yet", again, zone))
    return entries


def of_desk(session: Session, order: Order, shipment: Shipment | None, zone: str) -> list[Entry]:
    """Audited deeds; a shipment that no deed tells of (seeded, say) is told from its row."""
    entries = of_entity(session, "order", order.id, zone)
    if shipment is not None and not any(entry.what == "shipped" for entry in entries):
        entries.append(Entry(shipment.sent_at, MACHINE, "shipped", f"{shipment.carrier} {shipment.tracking}".strip(), zone))
    return entries

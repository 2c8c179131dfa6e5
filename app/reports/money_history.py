"""What happened to money after it was taken, told from its rows: each entry with its time and its cause."""

from collections.abc import Mapping

from app.kernel.money import Money
from app.payments.models import Dispute, Refund, RefundOrigin, StripeEvent
from app.payments.states import DisputeState, RefundState
from app.reports.deeds import MACHINE, Entry
from app.reports.money_word import INQUIRIES
from app.reports.order_history import FAN, STRIPE

DASHBOARD = "Stripe's dashboard"
_BEGAN = {RefundOrigin.FAN: FAN, RefundOrigin.MACHINE: MACHINE, RefundOrigin.DASHBOARD: DASHBOARD}
_ENDED = {
    RefundState.SUCCEEDED: "given back",
    RefundState.FAILED: "could not be given back",
    RefundState.CANCELLED: "called off at Stripe",
    RefundState.DECLINED: "declined by the second person",
    RefundState.PAID_OTHERWISE: "paid back another way",
    RefundState.REPEATED: "replaced by another refund",
}
REASONS = {
    "fraudulent": "the cardholder says it was not them",
    "product_not_received": "the cardholder says that nothing came",
    "product_unacceptable": "the cardholder says that it is not as described",
    "credit_not_processed": "the cardholder waits for a refund",
    "duplicate": "the cardholder says that they paid twice",
    "unrecognized": "the cardholder does not recognise it",
    "general": "no particular reason",
}


def of_refund(refund: Refund, names: Mapping[int, str], zone: str) -> list[Entry]:
    """Asked for, then what came of it."""
    amount = Money(refund.amount, refund.currency).format()
    asked = names.get(refund.asked_by or 0) or _BEGAN.get(refund.origin, MACHINE)
    proposed = refund.state in {RefundState.PROPOSED, RefundState.DECLINED}
    wish = f"{amount} proposed to be given back" if proposed else f"{amount} to be given back"
    second = names.get(refund.confirmed_by or 0)
    yes = f"confirmed by {second}" if second else ""
    entries = [Entry(refund.created_at, asked, wish, _why(refund.reason, yes, _heard(refund.cause)), zone)]
    if refund.ended_at is not None:
        who = MACHINE if refund.stripe_id is None else STRIPE
        why = _why(refund.failure.replace("_", " "), refund.stripe_id or "")
        entries.append(Entry(refund.ended_at, who, f"{amount} {_ENDED[refund.state]}", why, zone))
    return entries


def of_dispute(dispute: Dispute, zone: str) -> list[Entry]:
    """Opened, then decided."""
    amount = Money(dispute.amount, dispute.currency).format()
    why = _why(reason(dispute.reason), dispute.stripe_id, _heard(dispute.cause))
    asks = dispute.state in {*INQUIRIES, DisputeState.WARNING_CLOSED}
    entries = [Entry(dispute.opened_at, "the bank", f"inquiry about {amount}" if asks else f"{amount} disputed", why, zone)]
    if dispute.closed_at is not None:
        how = f"inquiry about {amount} closed" if asks else f"dispute of {amount} {dispute.state.value}"
        entries.append(Entry(dispute.closed_at, "the bank", how, dispute.stripe_id, zone))
    return entries


def of_event(event: StripeEvent, zone: str) -> Entry:
    """A webhook that came in."""
    return Entry(event.received_at, STRIPE, f"told us of {event.type}", event.id, zone)


def reason(code: str) -> str:
    """A dispute's reason as people say it."""
    return REASONS.get(code, code.replace("_", " "))


def _heard(cause: str) -> str:
    return {"": "", "poll": "found by looking, no webhook came"}.get(cause, f"heard by {cause}")


def _why(*words: str) -> str:
    return " · ".join(filter(None, words))

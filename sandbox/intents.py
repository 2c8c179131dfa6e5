"""PaymentIntents of sessions: captured, cancelled, listed, and lapsed when the bank's promise ends."""

from typing import Any

from sandbox import charges, sessions
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid
from sandbox.events import emit

Json = dict[str, Any]


def retrieve(box: Sandbox, intent_id: str) -> Json:
    """The intent as it is now."""
    return box.store.get("payment_intent", intent_id, param="intent")


def capture(box: Sandbox, intent_id: str, params: Json) -> Json:
    """Take an authorised amount, whole or in part; what is not taken is let go."""
    intent = retrieve(box, intent_id)
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "could not be captured", "captured", "requires_capture")
    amount: int = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param="amount_to_capture", code="parameter_invalid_integer")
    if amount > intent["amount_capturable"]:
        message = f"The requested capture amount ({amount}) is greater than the amount you can capture for this payment"
        raise StripeError(f"{message} ({intent['amount_capturable']}).", code="amount_too_large", param="amount_to_capture")
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    if params.get("statement_descriptor_suffix"):
        intent["statement_descriptor_suffix"] = params["statement_descriptor_suffix"]
    charge = box.store.get("charge", intent["latest_charge"])
    charges.take(box, intent, charge, amount)
    box.store.remove("private.authorised", intent_id)
    sessions.mark_paid(box, intent_id)
    emit(box, "charge.captured", charge)
    emit(box, "payment_intent.succeeded", intent)
    return intent


def cancel(box: Sandbox, intent_id: str, params: Json) -> Json:
    """Let an authorisation go; an intent made by a session can be cancelled in ``requires_capture`` only."""
    intent = retrieve(box, intent_id)
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "could not be canceled", "canceled", "requires_capture")
    _let_go(box, intent, params.get("cancellation_reason"))
    return intent


def update(box: Sandbox, intent_id: str, params: Json) -> Json:
    """Change metadata and description, which is all the local Stripe lets you change."""
    intent = retrieve(box, intent_id)
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    if "description" in params:
        intent["description"] = params["description"] or None
    box.store.put("payment_intent", intent)
    return intent


def sweep(box: Sandbox) -> None:
    """Cancel every authorisation whose seven days are over."""
    now = box.clock.now()
    for lapsed in box.store.select("private.authorised", lambda a: a["capture_before"] <= now):
        _let_go(box, retrieve(box, lapsed["id"]), "automatic")


def merged(before: Json, wanted: Any) -> Json:
    """Metadata after an update: an empty value removes a key, an empty whole removes them all."""
    if wanted is None:
        return before
    return {k: v for k, v in {**before, **wanted}.items() if v != ""} if wanted else {}


def _let_go(box: Sandbox, intent: Json, reason: str | None) -> None:
    charge = box.store.get("charge", intent["latest_charge"])
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}  # Stripe shows a reversal as a refund of the whole
    intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": box.clock.stamp(), "cancellation_reason": reason}
    box.store.put("charge", charge)
    box.store.put("payment_intent", intent)
    box.store.remove("private.authorised", intent["id"])
    emit(box, "charge.refunded", charge)
    emit(box, "payment_intent.canceled", intent)


def _unexpected(intent: Json, what: str, verb: str, needed: str) -> StripeError:
    return StripeError(
        f"This PaymentIntent {what} because it has a status of {intent['status']}."
        f" Only a PaymentIntent with one of the following statuses may be {verb}: {needed}.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": intent},
    )

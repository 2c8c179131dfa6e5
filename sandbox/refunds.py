"""Refunds of captured charges."""

from typing import Any

from sandbox import charges, money, objects
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid
from sandbox.events import emit
from sandbox.lists import created_filter

Json = dict[str, Any]


def create(box: Sandbox, params: Json) -> Json:
    """Give back the whole of a charge, or a part of what is left of it."""
    charge = _charge(box, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    amount: int = params.get("amount", left)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param="amount", code="parameter_invalid_integer")
    if amount > left:
        asked, most = (money.shown(value, charge["currency"]) for value in (amount, left))
        message = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({most})"
        raise StripeError(message, code="amount_too_large", param="amount")
    refund = _refund(box, charge, amount, params)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    box.store.put("charge", charge)
    box.store.put("refund", refund)
    emit(box, "refund.created", refund)
    emit(box, "charge.refunded", charge, previous={"amount_refunded": charge["amount_refunded"] - amount})
    _give_reference(box, refund)
    return refund


def retrieve(box: Sandbox, refund_id: str) -> Json:
    """The refund as it is now."""
    return box.store.get("refund", refund_id, param="refund")


def listed(box: Sandbox, params: Json) -> list[Json]:
    """Refunds, newest first, that match ``payment_intent``, ``charge`` and ``created``."""
    fits = created_filter(params.get("created"))

    def wanted(refund: Json) -> bool:
        return fits(refund) and all(params.get(k) in (None, refund[k]) for k in ("payment_intent", "charge"))

    return box.store.select("refund", wanted)[::-1]


def _charge(box: Sandbox, params: Json) -> Json:
    """The charge that is meant; refused when there is none, or nothing was captured."""
    if "payment_intent" in params:
        intent = box.store.get("payment_intent", params["payment_intent"], param="payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise StripeError(message, code="payment_intent_unexpected_state", param="payment_intent")
        return box.store.get("charge", intent["latest_charge"])
    if "charge" not in params:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message, code="parameter_missing", param="payment_intent")
    charge = box.store.get("charge", params["charge"], param="charge")
    if not charge["captured"]:
        message = f"Charge {charge['id']} has not been captured and cannot be refunded."
        raise StripeError(message, code="payment_intent_unexpected_state", param="charge")
    return charge


def _refund(box: Sandbox, charge: Json, amount: int, params: Json) -> Json:
    refund = objects.refund()
    refund |= {"id": box.ids.new("re_3"), "amount": amount, "charge": charge["id"], "created": box.clock.stamp()}
    refund |= {"currency": charge["currency"], "payment_intent": charge["payment_intent"]}
    refund |= {"payment_method": charge["payment_method"], "reason": params.get("reason")}
    refund |= {"metadata": params.get("metadata") or {}}
    refund["balance_transaction"] = charges.record(box, charge, -amount, fee=0, kind="refund", source=refund["id"])
    return refund


def _give_reference(box: Sandbox, refund: Json) -> None:
    """The bank's reference comes a moment later: an update, so that shops see one."""
    before = {"destination_details": {"card": dict(refund["destination_details"]["card"])}}
    reference = {"reference": box.ids.new("", 23), "reference_status": "available"}
    refund["destination_details"]["card"] |= reference
    box.store.put("refund", refund)
    emit(box, "refund.updated", refund, previous=before)

"""Refunds: made of captured charges, in whole or in part; some wait, and some fail after all."""

from typing import Any

from sandbox import charges, disputes, later, methods, money, objects
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid, unsupported
from sandbox.events import emit
from sandbox.intents import merged

Json = dict[str, Any]

_UNSUPPORTED = ("currency", "customer", "instructions_email", "origin", "refund_application_fee", "reverse_transfer")


def create(box: Sandbox, params: Json) -> Json:
    """Give back the whole of a charge, or a part of what is left of it. What then becomes of it depends on the card."""
    for name in _UNSUPPORTED:
        if params.get(name):
            raise unsupported(name, "refunds of anything but cards of this account.")
    charge = _charge(box, params)
    _check_dispute(box, charge)
    amount = _amount(charge, params.get("amount"))
    fate = methods.test_card(box, charge).refund
    refund = _refund(box, charge, amount, params)
    if fate == "waits":
        refund |= {"status": "pending", "pending_reason": "processing"}
    _add_refunded(charge, amount)
    box.store.put("charge", charge)
    box.store.put("refund", refund)
    emit(box, "refund.created", refund)
    emit(box, "charge.refunded", charge, previous={"amount_refunded": charge["amount_refunded"] - amount})
    if fate:
        later.plan(box, f"refund {'succeeds' if fate == 'waits' else fate}", refund["id"])
    if fate != "waits":
        _give_reference(box, refund)
    return refund


def retrieve(box: Sandbox, refund_id: str) -> Json:
    """The refund as it is now."""
    return box.store.get("refund", refund_id, param="refund")


def update(box: Sandbox, refund_id: str, params: Json) -> Json:
    """Change its metadata, the only thing that can be changed."""
    refund = retrieve(box, refund_id)
    before = refund["metadata"]
    refund["metadata"] = merged(before, params.get("metadata"))
    box.store.put("refund", refund)
    emit(box, "refund.updated", refund, previous={"metadata": before})
    return refund


def succeed(box: Sandbox, refund_id: str) -> Json:
    """The bank has paid a pending refund out."""
    refund = retrieve(box, refund_id)
    if refund["status"] != "pending":
        raise StripeError(f"This refund has a status of {refund['status']}; only a pending one can succeed.")
    later.forget(box, refund_id)
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    _give_reference(box, refund)
    return refund


def fail(box: Sandbox, refund_id: str, reason: str = "lost_or_stolen_card") -> Json:
    """The bank sends the money back, also of a refund that had succeeded: the balance and the charge have it again."""
    refund = retrieve(box, refund_id)
    if refund["status"] not in ("pending", "succeeded"):
        raise StripeError(f"This refund has a status of {refund['status']} and cannot fail.")
    later.forget(box, refund_id)
    before = {"status": refund["status"]}
    charge = box.store.get("charge", refund["charge"])
    moved = charges.record(box, charge, refund["amount"], kind="refund_failure", source=refund["id"])
    refund |= {"status": "failed", "failure_reason": reason, "failure_balance_transaction": moved["id"]}
    refund.pop("pending_reason", None)
    _add_refunded(charge, -refund["amount"])
    box.store.put("charge", charge)
    box.store.put("refund", refund)
    for kind in ("refund.updated", "charge.refund.updated", "refund.failed"):
        emit(box, kind, refund, previous=None if kind == "refund.failed" else before)
    return refund


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
        raise StripeError(message, code="charge_not_refundable", param="charge")
    return charge


def _check_dispute(box: Sandbox, charge: Json) -> None:
    if disputes.forbids_refund(box, charge["id"]):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")


def _amount(charge: Json, wanted: int | None) -> int:
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    amount = left if wanted is None else wanted
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param="amount", code="parameter_invalid_integer")
    if amount > left:
        asked, most = (money.shown(value, charge["currency"]) for value in (amount, left))
        which = "unrefunded amount on charge" if left < charge["amount"] else "charge amount"
        message = f"Refund amount ({asked}) is greater than {which} ({most})"
        raise StripeError(message, code="amount_too_large", param="amount")
    return amount


def _refund(box: Sandbox, charge: Json, amount: int, params: Json) -> Json:
    refund = objects.refund()
    refund |= {"id": box.ids.new("re_3"), "amount": amount, "charge": charge["id"], "created": box.clock.stamp()}
    refund |= {"currency": charge["currency"], "payment_intent": charge["payment_intent"]}
    refund |= {"payment_method": charge["payment_method"], "reason": params.get("reason")}
    refund |= {"metadata": params.get("metadata") or {}}
    if charge["payment_method_details"]["type"] != "card":
        reference = {"reference": None, "reference_status": "pending"}
        refund["destination_details"] = {"type": "eu_bank_transfer", "eu_bank_transfer": reference}
    refund["balance_transaction"] = charges.record(box, charge, -amount, kind="refund", source=refund["id"])["id"]
    return refund


def _add_refunded(charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def _give_reference(box: Sandbox, refund: Json) -> None:
    """The bank's reference comes a moment later: an update, so that shops see one."""
    details = refund["destination_details"]
    kind = details["type"]
    before = {"destination_details": {kind: dict(details[kind])}}
    details[kind] |= {"reference": box.ids.new("", 23), "reference_status": "available"}
    box.store.put("refund", refund)
    emit(box, "refund.updated", refund, previous=before)
    emit(box, "charge.refund.updated", refund, previous=before)

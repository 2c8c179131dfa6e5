"""Disputes: a bank takes money back, the shop answers, the bank decides; or it only inquires first."""

from typing import Any

from sandbox import charges, methods, objects
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid
from sandbox.events import emit

Json = dict[str, Any]

ANSWER_WITHIN = 14 * 24 * 60 * 60
FEE = 2000
# Reason as Stripe names it → the network's code.
REASONS = {
    "duplicate": "12.6.1", "fraudulent": "10.4", "general": "13.0", "product_not_received": "13.1",
    "product_unacceptable": "13.3", "credit_not_processed": "13.6", "subscription_canceled": "13.2", "unrecognized": "10.4",
}  # fmt: skip
_OPEN = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}
_MONEY_IS_GONE = {"needs_response", "under_review", "lost"}


def open_dispute(box: Sandbox, charge_id: str, *, reason: str, inquiry: bool = False, amount: int | None = None) -> Json:
    """A bank disputes a captured charge, as a whole unless ``amount`` says less. An inquiry moves no money yet."""
    charge = box.store.get("charge", charge_id, param="charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left < 1 or charge["payment_method_details"]["type"] != "card":
        raise StripeError("Only a captured card charge that is not fully refunded can be disputed.", param="charge")
    if _of_charge(box, charge_id, _OPEN | {"lost"}):
        raise StripeError("This charge is disputed already.", param="charge")
    if reason not in REASONS:
        raise invalid(f"Invalid reason: must be one of {', '.join(REASONS)}", param="reason")
    asked = left if amount is None else amount
    if not 1 <= asked <= left:
        raise invalid(f"The amount must be from 1 to {left}.", param="amount")
    dispute = _new(box, charge, asked, reason, inquiry=inquiry)
    charge["disputed"] = True
    box.store.put("charge", charge)
    box.store.put("dispute", dispute)
    if not inquiry:
        _move(box, dispute, -asked, category="dispute", fee=(0, FEE))
    emit(box, "charge.dispute.created", dispute)
    if not inquiry:
        emit(box, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def open_for_card(box: Sandbox, charge_id: str) -> None:
    """The dispute that a test card brings; nothing when there is no money left to dispute."""
    charge = box.store.get("charge", charge_id)
    kind = methods.test_card(box, charge).dispute
    if charge["amount_captured"] > charge["amount_refunded"] and not charge["disputed"]:
        inquiry = kind == "inquiry"
        open_dispute(box, charge_id, reason="general" if inquiry else kind, inquiry=inquiry)


def respond(box: Sandbox, dispute_id: str) -> Json:
    """The shop's evidence has been sent in; the bank looks at it."""
    dispute = _open(box, dispute_id)
    before = {"status": dispute["status"]}
    dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
    dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1, "submission_method": "manual"}
    box.store.put("dispute", dispute)
    emit(box, "charge.dispute.updated", dispute, previous=before)
    return dispute


def escalate(box: Sandbox, dispute_id: str) -> Json:
    """An inquiry becomes a dispute: now the money goes."""
    dispute = _open(box, dispute_id)
    if not dispute["status"].startswith("warning"):
        raise StripeError("Only an inquiry can become a dispute.", param="dispute")
    before = {"status": dispute["status"]}
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    _move(box, dispute, -dispute["amount"], category="dispute", fee=(0, FEE))
    emit(box, "charge.dispute.updated", dispute, previous=before)
    emit(box, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(box: Sandbox, dispute_id: str, *, won: bool) -> Json:
    """The bank has decided. Who wins gets the amount back, not the fee; an inquiry that ends well is ``warning_closed``."""
    dispute = _open(box, dispute_id)
    before, inquiry = {"status": dispute["status"]}, dispute["status"].startswith("warning")
    if inquiry and not won:
        raise StripeError("An inquiry cannot be lost; it becomes a dispute first.", param="dispute")
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    dispute["is_charge_refundable"] = won
    box.store.put("dispute", dispute)
    emit(box, "charge.dispute.closed", dispute, previous=before)
    if won and not inquiry:
        _move(box, dispute, dispute["amount"], category="dispute_reversal")
        emit(box, "charge.dispute.funds_reinstated", dispute)
    return dispute


def forbids_refund(box: Sandbox, charge_id: str) -> bool:
    """Whether the money of the charge is with the bank."""
    return bool(_of_charge(box, charge_id, _MONEY_IS_GONE))


def _of_charge(box: Sandbox, charge_id: str, states: set[str]) -> list[Json]:
    return box.store.newest("dispute", lambda d: d["charge"] == charge_id and d["status"] in states)


def _open(box: Sandbox, dispute_id: str) -> Json:
    dispute = box.store.get("dispute", dispute_id, param="dispute")
    if dispute["status"] not in _OPEN:
        raise StripeError(f"This dispute is closed already: {dispute['status']}.", param="dispute")
    return dispute


def _new(box: Sandbox, charge: Json, amount: int, reason: str, *, inquiry: bool) -> Json:
    dispute = objects.dispute()
    dispute |= {"id": box.ids.new("du_1"), "amount": amount, "charge": charge["id"], "created": box.clock.stamp()}
    dispute |= {"currency": charge["currency"], "payment_intent": charge["payment_intent"], "reason": reason}
    dispute |= {"status": "warning_needs_response" if inquiry else "needs_response", "is_charge_refundable": inquiry}
    dispute["evidence_details"]["due_by"] = box.clock.stamp() + ANSWER_WITHIN
    brand = charge["payment_method_details"]["card"]["brand"]
    dispute["payment_method_details"]["card"] = {
        "brand": brand, "case_type": "inquiry" if inquiry else "chargeback", "network": brand,
        "network_reason_code": REASONS[reason],
    }  # fmt: skip
    return dispute


def _move(box: Sandbox, dispute: Json, amount: int, *, category: str, fee: tuple[int, int] = (0, 0)) -> None:
    """Write the movement into the balance and the dispute."""
    charge = box.store.get("charge", dispute["charge"])
    moved = charges.record(box, charge, amount, fee=fee, kind="adjustment", source=dispute["id"], category=category)
    dispute["balance_transactions"].append(moved)
    box.store.put("dispute", dispute)

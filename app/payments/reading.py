"""Stripe's objects, as it writes them, in our words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.payments.facts import (
    Address,
    DisputeFacts,
    FeeFacts,
    IntentFacts,
    IntentRecord,
    RefundFacts,
    SessionFacts,
    SessionRecord,
    SessionStatus,
    TaxFacts,
)
from app.payments.states import DisputeState, RefundState

_REFUND_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELLED,
}


def session_facts(session: dict[str, Any]) -> SessionFacts:
    """A Checkout Session with its intent expanded."""
    collected = (session.get("collected_information") or {}).get("shipping_details") or {}
    customer = session.get("customer_details") or {}
    intent = session.get("payment_intent") or {}
    return SessionFacts(
        session_id=session["id"],
        status=SessionStatus(session["status"]),
        url=session.get("url"),
        amount=session["amount_total"],
        currency=session["currency"].upper(),
        expires_at=_instant(session["expires_at"]),
        attempt_key=_metadata(session).get("key", ""),
        email=customer.get("email") or session.get("customer_email") or "",
        address=_address(collected.get("name") or customer.get("name"), collected.get("address") or customer.get("address")),
        intent_id=intent.get("id"),
        intent_status=intent.get("status") or "",
        charge_id=reference(intent.get("latest_charge")),
        livemode=session["livemode"],
        tax=(session.get("total_details") or {}).get("amount_tax") or 0,
        taxed=_taxed(session),
    )


def counts_tax(session: dict[str, Any]) -> bool:
    """Has Stripe Tax counted what is in the amounts of a session that is complete?"""
    return session["status"] == SessionStatus.COMPLETE and bool((session.get("automatic_tax") or {}).get("enabled"))


def _taxed(session: dict[str, Any]) -> tuple[TaxFacts, ...] | None:
    """Line by line, where the lines' taxes are expanded."""
    lines = (session.get("line_items") or {}).get("data") or []
    posted = session.get("shipping_cost")
    parts = [*lines, *([posted] if posted else [])]
    return tuple(_tax(part) for part in parts) if lines and all("taxes" in part for part in parts) else None


def _tax(part: dict[str, Any]) -> TaxFacts:
    """Several taxes on one line are one here: their rates add up."""
    taxes = [each for each in part["taxes"] or [] if each["amount"] or each["rate"].get("percentage")]
    points = sum(Decimal(str(each["rate"].get("percentage") or 0)) * 100 for each in taxes)
    country = next((each["rate"].get("country") for each in part["taxes"] or []), None)
    return TaxFacts(part["amount_total"], part["amount_tax"], round(points), country or "")


def session_record(session: dict[str, Any]) -> SessionRecord:
    """A Checkout Session as one of a list."""
    return SessionRecord(session_facts(session), _metadata(session), _instant(session["created"]))


def intent_facts(intent: dict[str, Any]) -> IntentFacts:
    """A payment intent, with its fee where its charge and what that moved are expanded."""
    charge = intent.get("latest_charge")
    moved = charge.get("balance_transaction") if isinstance(charge, dict) else None
    return IntentFacts(
        intent["id"],
        intent["status"],
        intent["amount"],
        intent.get("amount_received") or 0,
        reference(charge),
        fee_facts(moved) if isinstance(moved, dict) else None,
    )


def fee_facts(moved: dict[str, Any]) -> FeeFacts:
    """A movement of the balance."""
    return FeeFacts(moved["id"], moved["amount"], moved["fee"], moved["currency"].upper(), _instant(moved["created"]))


def intent_record(intent: dict[str, Any]) -> IntentRecord:
    """A payment intent with its newest charge expanded, as one of a list."""
    charge = intent.get("latest_charge")
    newest = charge if isinstance(charge, dict) else intent
    refunded = newest.get("amount_refunded") or 0
    return IntentRecord(intent_facts(intent), _metadata(intent), intent["currency"].upper(), refunded, _instant(newest["created"]))


def refund_facts(refund: dict[str, Any], shop: str) -> RefundFacts:
    """A refund; the key in its metadata counts only where the metadata names this shop."""
    metadata = refund.get("metadata") or {}
    return RefundFacts(
        refund_id=refund["id"],
        intent_id=reference(refund.get("payment_intent")),
        amount=refund["amount"],
        currency=refund["currency"].upper(),
        state=_REFUND_STATES.get(refund.get("status") or "", RefundState.PENDING),  # requires_action waits for the fan's bank, too
        key=(metadata.get("key") or "") if metadata.get("shop") == shop else "",
        failure=refund.get("failure_reason") or "",
        created_at=_instant(refund["created"]),
    )


def dispute_facts(dispute: dict[str, Any]) -> DisputeFacts:
    """A dispute; a status that is not known here yet counts as open, which stops shipping until somebody has looked."""
    due = (dispute.get("evidence_details") or {}).get("due_by")
    known = dispute["status"] in set(DisputeState)
    return DisputeFacts(
        dispute_id=dispute["id"],
        intent_id=reference(dispute.get("payment_intent")),
        amount=dispute["amount"],
        currency=dispute["currency"].upper(),
        state=DisputeState(dispute["status"]) if known else DisputeState.UNDER_REVIEW,
        reason=dispute.get("reason") or "",
        due_by=_instant(due) if due else None,
        opened_at=_instant(dispute["created"]),
        fees=tuple(fee_facts(moved) for moved in dispute.get("balance_transactions") or () if moved["fee"]),
    )


def reference(value: str | dict[str, Any] | None) -> str | None:
    """The id of what another object points at, expanded or not."""
    return value["id"] if isinstance(value, dict) else value


def _metadata(thing: dict[str, Any]) -> dict[str, str]:
    return thing.get("metadata") or {}


def _address(name: str | None, given: dict[str, Any] | None) -> Address:
    names = ("line1", "line2", "postal_code", "city", "state", "country")
    return Address(name or "", *((given or {}).get(part) or "" for part in names))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

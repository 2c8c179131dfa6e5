"""Stripe's refunds and disputes, as it writes them, in our words."""

from datetime import UTC, datetime
from typing import Any

from app.payments.facts import DisputeFacts, RefundFacts
from app.payments.states import DisputeState, RefundState

_REFUND_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELLED,
}


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
    )


def reference(value: str | dict[str, Any] | None) -> str | None:
    """The id of what another object points at, expanded or not."""
    return value["id"] if isinstance(value, dict) else value


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

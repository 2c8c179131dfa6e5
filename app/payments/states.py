"""The life-cycles of checkout attempts, payments, refunds and disputes, as pure tables; an illegal move raises."""

from enum import StrEnum


class AttemptState(StrEnum):
    """unknown is looked up at Stripe, never guessed."""

    WANTED = "wanted"
    OPEN = "open"
    UNKNOWN = "unknown"
    COMPLETE = "complete"
    EXPIRED = "expired"
    FAILED = "failed"


class PaymentState(StrEnum):
    """What became of the money of one completed attempt."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    CAPTURE_FAILED = "capture_failed"
    VOIDED = "voided"


class RefundState(StrEnum):
    """Proposed ones wait for a second person; a failed one is paid back another way, or repeated by a refund of its own."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    WANTED = "wanted"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAID_OTHERWISE = "paid_otherwise"
    REPEATED = "repeated"


class DisputeState(StrEnum):
    """Stripe's own words."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    APPEAL_NEEDS_RESPONSE = "appeal_needs_response"
    APPEAL_UNDER_REVIEW = "appeal_under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


PENDING = (AttemptState.WANTED, AttemptState.OPEN, AttemptState.UNKNOWN)

ATTEMPT_MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.WANTED: frozenset(
        {AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.COMPLETE, AttemptState.EXPIRED, AttemptState.FAILED}
    ),
    AttemptState.UNKNOWN: frozenset({AttemptState.OPEN, AttemptState.COMPLETE, AttemptState.EXPIRED, AttemptState.FAILED}),
    AttemptState.OPEN: frozenset({AttemptState.COMPLETE, AttemptState.EXPIRED}),
    AttemptState.COMPLETE: frozenset(),
    AttemptState.EXPIRED: frozenset(),
    AttemptState.FAILED: frozenset({AttemptState.COMPLETE}),  # we believed that nothing was made; the money knows better
}

PAYMENT_MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.AUTHORISED: frozenset({PaymentState.CAPTURED, PaymentState.CAPTURE_FAILED, PaymentState.VOIDED}),
    PaymentState.CAPTURED: frozenset(),
    PaymentState.CAPTURE_FAILED: frozenset(),
    PaymentState.VOIDED: frozenset(),
}


# What counts as given back, or as good as: nobody may give the same money back again.
GIVEN = (
    RefundState.PROPOSED,
    RefundState.WANTED,
    RefundState.PENDING,
    RefundState.SUCCEEDED,
    RefundState.PAID_OTHERWISE,
)
GONE = (RefundState.PENDING, RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE)
FELL_THROUGH = (RefundState.FAILED, RefundState.CANCELLED)

REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.PROPOSED: frozenset({RefundState.WANTED, RefundState.DECLINED}),
    RefundState.DECLINED: frozenset(),
    RefundState.WANTED: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED, RefundState.CANCELLED}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED, RefundState.CANCELLED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),  # the bank sent it back, days later
    RefundState.FAILED: frozenset({RefundState.PAID_OTHERWISE, RefundState.REPEATED}),
    RefundState.CANCELLED: frozenset({RefundState.PAID_OTHERWISE, RefundState.REPEATED}),
    RefundState.PAID_OTHERWISE: frozenset(),
    RefundState.REPEATED: frozenset(),
}

CLOSED = (DisputeState.WARNING_CLOSED, DisputeState.WON, DisputeState.LOST, DisputeState.PREVENTED)
TO_ANSWER = (DisputeState.WARNING_NEEDS_RESPONSE, DisputeState.NEEDS_RESPONSE, DisputeState.APPEAL_NEEDS_RESPONSE)

_DECIDED = frozenset({DisputeState.WON, DisputeState.LOST, DisputeState.PREVENTED})
_DISPUTED = _DECIDED | {DisputeState.UNDER_REVIEW}
_ASKED = _DISPUTED | {DisputeState.NEEDS_RESPONSE, DisputeState.WARNING_CLOSED}

DISPUTE_MOVES: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.WARNING_NEEDS_RESPONSE: _ASKED | {DisputeState.WARNING_UNDER_REVIEW},
    DisputeState.WARNING_UNDER_REVIEW: _ASKED,
    DisputeState.WARNING_CLOSED: frozenset(),
    DisputeState.NEEDS_RESPONSE: _DISPUTED,
    DisputeState.UNDER_REVIEW: _DECIDED,
    DisputeState.APPEAL_NEEDS_RESPONSE: _DECIDED | {DisputeState.APPEAL_UNDER_REVIEW},
    DisputeState.APPEAL_UNDER_REVIEW: _DECIDED,
    DisputeState.WON: frozenset(),
    DisputeState.LOST: frozenset({DisputeState.APPEAL_NEEDS_RESPONSE, DisputeState.APPEAL_UNDER_REVIEW, DisputeState.WON}),
    DisputeState.PREVENTED: frozenset(),
}


class IllegalMove(Exception):
    """A move that no life-cycle allows: a fault of ours, never a fan's."""


def check_attempt(before: AttemptState, after: AttemptState) -> None:
    """IllegalMove unless an attempt may go from `before` to `after`."""
    if after not in ATTEMPT_MOVES[before]:
        raise IllegalMove(f"an attempt cannot go from {before} to {after}")


def check_payment(before: PaymentState, after: PaymentState) -> None:
    """IllegalMove unless a payment may go from `before` to `after`."""
    if after not in PAYMENT_MOVES[before]:
        raise IllegalMove(f"a payment cannot go from {before} to {after}")


def check_refund(before: RefundState, after: RefundState) -> None:
    """IllegalMove unless a refund may go from `before` to `after`."""
    if after not in REFUND_MOVES[before]:
        raise IllegalMove(f"a refund cannot go from {before} to {after}")


def check_dispute(before: DisputeState, after: DisputeState) -> None:
    """IllegalMove unless a dispute may go from `before` to `after`."""
    if after not in DISPUTE_MOVES[before]:
        raise IllegalMove(f"a dispute cannot go from {before} to {after}")

"""The life-cycles of checkout attempts and payments, as pure tables; an illegal move raises."""

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

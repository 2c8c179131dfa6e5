"""The life-cycles of attempts, payments, refunds and disputes: every pair of states, allowed or not."""

import itertools

import pytest

from app.payments.states import (
    AttemptState,
    DisputeState,
    IllegalMove,
    PaymentState,
    RefundState,
    check_attempt,
    check_dispute,
    check_payment,
    check_refund,
)

ENDS = ("complete", "expired", "failed")
ATTEMPT = (
    {f"wanted>{end}" for end in ("open", "unknown", *ENDS)}
    | {f"unknown>{end}" for end in ("open", *ENDS)}
    | {"open>complete", "open>expired", "failed>complete"}
)
REFUND = (
    {"proposed>wanted", "proposed>declined", "succeeded>failed"}
    | {f"wanted>{after}" for after in ("pending", "succeeded", "failed", "cancelled")}
    | {f"pending>{after}" for after in ("succeeded", "failed", "cancelled")}
    | {f"{fell}>{after}" for fell in ("failed", "cancelled") for after in ("paid_otherwise", "repeated")}
)
OVER = ("won", "lost", "prevented")
WARNED = ("warning_needs_response", "warning_under_review")
DISPUTE = (
    {f"{asked}>{after}" for asked in WARNED for after in ("warning_closed", "needs_response", "under_review", *OVER)}
    | {"warning_needs_response>warning_under_review"}
    | {f"needs_response>{after}" for after in ("under_review", *OVER)}
    | {f"under_review>{after}" for after in OVER}
    | {"lost>appeal_needs_response", "lost>appeal_under_review", "lost>won"}
    | {f"appeal_needs_response>{after}" for after in ("appeal_under_review", *OVER)}
    | {f"appeal_under_review>{after}" for after in OVER}
)
PAYMENT = {"authorised>captured", "authorised>capture_failed", "authorised>voided"}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(AttemptState, AttemptState)))
def test_attempts(before: AttemptState, after: AttemptState) -> None:
    if f"{before}>{after}" in ATTEMPT:
        check_attempt(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_attempt(before, after)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(PaymentState, PaymentState)))
def test_payments(before: PaymentState, after: PaymentState) -> None:
    if f"{before}>{after}" in PAYMENT:
        check_payment(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_payment(before, after)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(RefundState, RefundState)))
def test_refunds(before: RefundState, after: RefundState) -> None:
    if f"{before}>{after}" in REFUND:
        check_refund(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_refund(before, after)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(DisputeState, DisputeState)))
def test_disputes(before: DisputeState, after: DisputeState) -> None:
    if f"{before}>{after}" in DISPUTE:
        check_dispute(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_dispute(before, after)

"""The life-cycles of attempts and payments: every pair of states, allowed or not."""

import itertools

import pytest

from app.payments.states import AttemptState, IllegalMove, PaymentState, check_attempt, check_payment

ENDS = ("complete", "expired", "failed")
ATTEMPT = (
    {f"wanted>{end}" for end in ("open", "unknown", *ENDS)}
    | {f"unknown>{end}" for end in ("open", *ENDS)}
    | {"open>complete", "open>expired", "failed>complete"}
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

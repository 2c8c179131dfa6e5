"""A fee in the payment's own currency, and amounts divided so that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.facts import FeeFacts
from app.payments.fees import in_own_currency
from app.payments.spread import spread
from tests.cast import NOW


def _kept(kept: int, moved: int, currency: str) -> FeeFacts:
    return FeeFacts("txn_1", moved, kept, currency, NOW)


def test_the_same_currency_is_taken_as_it_is() -> None:
    assert in_own_currency(_kept(99, 4995, "EUR"), 4995, "EUR") == 99


@pytest.mark.parametrize(
    ("kept", "moved", "whole", "own"),
    [(88, 5850, 5000, 75), (-88, 5850, 5000, -75), (2340, -5850, 5000, 2000), (36, 1200, 200_000, 6000), (1, 3, 2, 1)],
)
def test_another_currency_goes_by_proportion(kept: int, moved: int, whole: int, own: int) -> None:
    assert in_own_currency(_kept(kept, moved, "EUR"), whole, "GBP") == own


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_parts_are_the_whole(amount: int, weights: list[int]) -> None:
    parts = spread(amount, weights)
    assert (sum(parts), len(parts)) == (amount, len(weights))
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert abs(part * whole - amount * weight) < whole  # never a whole unit away from the exact part
            assert part * amount >= 0
            assert weight or not part


def test_nothing_is_divided_among_nobody() -> None:
    assert spread(5, []) == []

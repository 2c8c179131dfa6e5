"""Shares in whole numbers: exact in the end, never more than there is, and the same however the time is divided."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.maker_models import WHOLE
from app.catalogue.shares import Term, Terms
from app.reports.maker_math import Account, Step

FIRST = date(2026, 1, 1)


def _terms(basis_points: int, *, costs_first: bool = True) -> Terms:
    return Terms((), ((FIRST, Term(basis_points, costs_first)),))


def _step(net: int = 0, cost: int = 0, day: int = 0, sold: int | None = None) -> Step:
    return Step(FIRST + timedelta(days=day), FIRST + timedelta(days=day if sold is None else sold), net, cost)


def _earned(terms: Terms, *steps: Step) -> list[int]:
    return [each.earned for each in Account(terms).take_all(steps)]


STEPS = st.lists(
    st.builds(
        _step, st.integers(-5_000, 20_000), st.sampled_from([0, 0, 0, 1, 999, 60_000]), st.integers(0, 300), st.integers(0, 300)
    ),
    max_size=40,
)


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    """What some makers get, together at most the whole."""
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), min_size=1, max_size=5)))
    return [after - before for before, after in zip([0, *cuts], cuts, strict=False)]


def test_costs_come_first() -> None:
    assert _earned(_terms(5000), _step(cost=3000), _step(2000), _step(2000), _step(2000)) == [0, 0, 500, 1000]
    assert _earned(_terms(5000, costs_first=False), _step(cost=3000), _step(2000)) == [0, 1000]


def test_costs_that_come_later_are_recouped_too() -> None:
    assert _earned(_terms(5000), _step(2000), _step(cost=3000), _step(500), _step(1000)) == [1000, -1000, 0, 250]


def test_rounding_is_done_over_all() -> None:
    assert _earned(_terms(3333), *[_step(100)] * 6) == [33, 33, 33, 34, 33, 33]
    assert _earned(_terms(5000), _step(1), _step(1)) == [0, 1]
    assert _earned(_terms(5000), _step(-1), _step(1)) == [0, 0]  # nothing is shared below what costs leave
    assert _earned(_terms(5000, costs_first=False), _step(-1), _step(1)) == [-1, 1]


def test_what_goes_back_goes_back_at_the_terms_of_its_sale() -> None:
    terms = Terms((), ((FIRST, Term(5000, False)), (FIRST + timedelta(days=10), Term(1000, False))))
    assert _earned(terms, _step(2000, day=1), _step(2000, day=11), _step(-2000, day=12, sold=1)) == [1000, 200, -1000]


def test_a_runs_own_terms_stand_before_its_releases() -> None:
    later = FIRST + timedelta(days=5)
    terms = Terms(((later, Term(2000)),), ((FIRST, Term(5000)), (later + timedelta(days=1), Term(9000))))
    days = (-1, 0, 4, 5, 9)
    assert [terms.on(FIRST + timedelta(days=day)).basis_points for day in days] == [0, 5000, 5000, 2000, 2000]


@given(STEPS, shares(), st.booleans())
def test_all_together_never_get_more_than_there_is(steps: Sequence[Step], makers: Sequence[int], costs_first: bool) -> None:
    accounts = [Account(_terms(each, costs_first=costs_first)) for each in makers]
    net = cost = 0
    for step in steps:
        for account in accounts:
            account.take(step)
        net, cost = net + step.net, cost + step.cost
        whole = max(0, net - cost) if costs_first else net
        together = sum(account.earned for account in accounts)
        assert together <= (whole if sum(makers) == WHOLE or whole >= 0 else 0)
        exact = Fraction(whole * sum(makers), WHOLE)
        assert exact - len(makers) < together <= exact


@given(STEPS, st.integers(0, WHOLE), st.booleans(), st.integers(0, 40))
def test_periods_add_up(steps: Sequence[Step], share: int, costs_first: bool, cut: int) -> None:
    whole, parts = Account(_terms(share, costs_first=costs_first)), Account(_terms(share, costs_first=costs_first))
    everything = sum(each.earned for each in whole.take_all(steps))
    first = sum(each.earned for each in parts.take_all(steps[:cut]))
    second = sum(each.earned for each in parts.take_all(steps[cut:]))
    assert first + second == everything == whole.earned


@given(STEPS, st.lists(st.tuples(st.integers(0, 300), st.integers(0, WHOLE), st.booleans()), max_size=5))
def test_it_is_what_fractions_say(steps: Sequence[Step], changes: Sequence[tuple[int, int, bool]]) -> None:
    """With changing terms: each step's part of what is shared, at the share that holds, and all of it rounded down once."""
    dated = tuple(sorted({FIRST + timedelta(days=day): Term(share, first) for day, share, first in changes}.items()))
    account, net, cost, exact = Account(Terms((), dated)), Fraction(0), Fraction(0), Fraction(0)
    for step in steps:
        shared = account.take(step)
        day = step.day if step.cost else step.sold_on
        term = next((each for begins, each in reversed(dated) if begins <= day), Term(0))
        before = max(Fraction(0), net - cost) if term.costs_first else net
        net, cost = net + step.net, cost + step.cost
        after = max(Fraction(0), net - cost) if term.costs_first else net
        exact += (after - before) * term.basis_points / WHOLE
        assert (shared.base, shared.term.basis_points) == (after - before, term.basis_points)
        assert 0 <= exact - account.earned < 1


@pytest.mark.parametrize("costs_first", [True, False])
def test_nothing_shared_is_nothing_earned(costs_first: bool) -> None:
    assert _earned(_terms(0, costs_first=costs_first), _step(5000), _step(cost=100), _step(-5000)) == [0, 0, 0]

"""The curve of a drop's sales: every copy in one stretch, never more stretches than can be told apart."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.reports.day_curve import MOST, STRETCHES, drawn
from tests.cast import NOW

SALES = st.lists(st.tuples(st.floats(0, 4_000_000), st.integers(1, 5)), min_size=1, max_size=40)


def _at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_a_minute_is_shown_by_the_second() -> None:
    curve = drawn(NOW, NOW + _at(59), [(NOW + _at(0.2), 1), (NOW + _at(0.9), 2), (NOW + _at(3), 1)])
    assert (curve.step, curve.sold[:5], len(curve.sold)) == (1, (3, 0, 0, 1, 0), 60)
    assert (curve.peak, curve.fastest) == (3, 3)


def test_an_hour_is_shown_by_the_minute_and_still_tells_the_fastest_second() -> None:
    curve = drawn(NOW, NOW + _at(3600), [(NOW + _at(61), 4), (NOW + _at(65), 3), (NOW + _at(3600), 1)])
    assert (curve.step, curve.sold[1], curve.peak, curve.fastest) == (60, 7, 7, 4)
    assert curve.at(1) == NOW + _at(60)


def test_it_ends_now_not_when_the_stretch_will_be_over() -> None:
    ends = NOW + _at(200)  # a stretch begins this very moment
    curve = drawn(NOW, ends, [(NOW + _at(61), 4)])
    assert (curve.step, curve.ends, len(curve.sold), curve.span) == (5, ends, 41, 40 + 1 / 3)
    assert drawn(NOW, NOW + _at(204), [(NOW, 1)]).span == 204 / 5


@given(SALES, st.floats(0, 5_000_000))
def test_no_copy_is_missing_and_it_fits(sales: list[tuple[float, int]], open_for: float) -> None:
    ends = max(open_for, *(seconds for seconds, _ in sales), 0)
    curve = drawn(NOW, NOW + _at(ends), [(NOW + _at(seconds), copies) for seconds, copies in sales])
    assert sum(curve.sold) == sum(copies for _, copies in sales)
    assert len(curve.sold) <= MOST + 1
    assert curve.step in STRETCHES or curve.step > STRETCHES[-1] or ends > STRETCHES[-1] * MOST
    assert curve.fastest <= curve.peak
    assert curve.span <= len(curve.sold) + 0.01
    assert curve.ends == NOW + _at(ends)

"""How a copy's number is written."""

import pytest

from app.inventory.numbers import numbered, padded


@pytest.mark.parametrize(
    ("numbers", "last", "written"),
    [
        ((17,), 100, "№ 017/100"),
        ((17, 18), 100, "№ 017, 018/100"),
        ((3,), 9, "№ 3/9"),
        ((0,), 10, "№ 00/10"),
        ((10_000,), 10_000, "№ 10000/10000"),
        ((), 100, ""),
    ],
)
def test_numbers_with_their_total(numbers: tuple[int, ...], last: int, written: str) -> None:
    assert numbered(numbers, last) == written


def test_as_many_digits_as_the_run() -> None:
    assert [padded(n, 120) for n in (7, 70, 120)] == ["007", "070", "120"]

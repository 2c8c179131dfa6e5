"""What a person types, taken apart."""

import pytest

from app.kernel.cells import safe
from app.reports.finding import CopyName, copy_name, order_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("42", 42),
        ("00042", 42),
        ("# 42", 42),
        ("№ 00042", 42),
        ("№", None),
        ("4 2", None),
        ("٤٢", None),
        ("4e2", None),
        ("1234567890", None),
    ],
)
def test_order_numbers(typed: str, number: int | None) -> None:
    assert order_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("TAPE-014 17", CopyName("TAPE-014", 17)),
        ("TAPE-014 № 017/100", CopyName("TAPE-014", 17)),
        ("tape-014#17", CopyName("tape-014", 17)),
        ("№ 017", CopyName("", 17)),
        ("017/100", CopyName("", 17, 100)),
        ("№ 017 / 100", CopyName("", 17, 100)),
        ("TAPE-014", None),
        ("17", None),
        ("TAPE-014 1234567", None),
    ],
)
def test_copy_names(typed: str, found: CopyName | None) -> None:
    assert copy_name(typed) == found


@pytest.mark.parametrize("text", ["", "Ada", "a=b", "Ada-Marie", "12", "«x»"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert safe(text) == text

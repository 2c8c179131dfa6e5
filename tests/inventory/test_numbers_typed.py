"""Numbers are read as people type them, and written as people read them."""

import pytest

from app.inventory import numbers_typed


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ()),
        ("12", (12,)),
        ("12, 40-43", (12, 40, 41, 42, 43)),
        (" 43 – 40x"[:3], (43,)),
        ("3;1\n2, 2", (1, 2, 3)),
        ("007", (7,)),
        ("40–42", (40, 41, 42)),
    ],
)
def test_read(typed: str, read: tuple[int, ...]) -> None:
    assert numbers_typed.read(typed) == read


@pytest.mark.parametrize("typed", ["x", "1-", "5-3", "1 2", "-4", "1.5", "1-20000", "№ 3"])
def test_what_is_no_number_is_named(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        numbers_typed.read(f"1, {typed}")


def test_write() -> None:
    assert numbers_typed.write([43, 12, 40, 41, 42, 42]) == "12, 40–43"
    assert numbers_typed.write([]) == ""

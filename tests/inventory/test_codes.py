"""The codes on copies: read back as written, and a misread one is nobody's."""

import pytest

from app.inventory.codes import code_of, copy_of


@pytest.mark.parametrize("copy_id", [1, 7, 10, 99, 100, 12345, 2**40])
def test_a_code_is_read_back(copy_id: int) -> None:
    code = code_of(copy_id)
    assert copy_of(code) == copy_of(f" {code.lower()} ") == copy_id


def test_every_wrong_digit_is_noticed() -> None:
    code = code_of(40713)
    for at in range(1, len(code)):
        for digit in "0123456789":
            if digit != code[at]:
                assert copy_of(code[:at] + digit + code[at + 1 :]) != 40713
                assert copy_of(code[:at] + digit + code[at + 1 :]) is None


def test_neighbours_that_changed_places_are_noticed() -> None:
    code = code_of(40713)
    swapped = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(1, len(code) - 1)} - {code}
    assert {copy_of(each) for each in swapped} == {None}


@pytest.mark.parametrize("typed", ["", "C", "C7", "C0018", "X18", "C18 18", "https://shop.example/staff/orders/18", "C٣٤", "018"])
def test_what_is_no_code(typed: str) -> None:
    assert copy_of(typed) is None

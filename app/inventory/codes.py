"""The code that is scanned off a copy: its row's number with a check sign, so that a misread or mistyped one is nobody's."""

import re

_CODE = re.compile(r"C([0-9]{2,19})", re.IGNORECASE)


def code_of(copy_id: int) -> str:
    """What stands on a copy: a C and digits only, which every keyboard layout of a hand scanner types alike."""
    return f"C{copy_id}{_check(str(copy_id))}"


def copy_of(code: str) -> int | None:
    """The copy that a code means; None for what is no such code, or misread."""
    found = _CODE.fullmatch(code.strip())
    if found is None:
        return None
    digits, check = found[1][:-1], found[1][-1]
    return int(digits) if digits[0] != "0" and _check(digits) == check else None


def _check(digits: str) -> str:
    """The Luhn digit: it tells every single wrong digit, and all neighbours that changed places but 09 and 90."""
    doubled = (int(digit) * 2 if at % 2 == 0 else int(digit) for at, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)

"""Reading form fields strictly: what is missing, doubled, too long or malformed is refused in plain words."""

import re
import unicodedata
from collections.abc import Sequence

from flask import request

from app.kernel.errors import BadInput

_WHOLE = re.compile(r"[0-9]{1,9}")


def text(name: str, *, label: str, most: int = 200, least: int = 0, lines: bool = False) -> str:
    """One text field, trimmed, in NFC; BadInput when it is doubled, too short, too long, or has control characters."""
    values = request.form.getlist(name)
    if len(values) > 1:
        raise BadInput(f"{label} was sent twice. Please send it once.", {name: "Sent twice."})
    value = unicodedata.normalize("NFC", (values[0] if values else "").strip()).replace("\r\n", "\n")
    if any(unicodedata.category(sign) == "Cc" and not (lines and sign in "\n\t") for sign in value):
        raise BadInput(f"{label} contains signs that cannot be printed.", {name: "Please type this again by hand."})
    if len(value) < least:
        raise BadInput(f"{label} is missing.", {name: "Please fill this in."})
    if len(value) > most:
        raise BadInput(f"{label} is too long: at most {most} characters.", {name: f"At most {most} characters."})
    return value


def whole(value: str, *, name: str, label: str, least: int = 0, most: int = 10**9) -> int:
    """A whole number written in ASCII digits; BadInput otherwise."""
    if not _WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise BadInput(f"{label} must be a whole number from {least} to {most}.", {name: f"A whole number from {least} to {most}."})
    return int(value)


def number(name: str, *, label: str, least: int = 0, most: int = 10**9, default: int | None = None) -> int:
    """One field that holds a whole number; `default` stands in for an empty one."""
    value = text(name, label=label, most=20)
    if not value and default is not None:
        return default
    return whole(value, name=name, label=label, least=least, most=most)


def one_of(name: str, choices: Sequence[str], *, label: str) -> str:
    """One field whose value must be among `choices`."""
    value = text(name, label=label)
    if value not in choices:
        raise BadInput(f"{label}: please choose one of the list.", {name: "Please choose one of the list."})
    return value

"""Reading query strings at the desk: what a person typed is bounded, what a link carries must be what we wrote."""

import unicodedata
from enum import StrEnum
from typing import TypeVar

from flask import request

from app.kernel.errors import BadInput

E = TypeVar("E", bound=StrEnum)

LONGEST = 200  # signs of a search


def typed(name: str = "q") -> str:
    """What was typed into a search, trimmed; BadInput when it is longer than any name, or cannot be printed."""
    value = request.args.get(name, "").strip()
    if len(value) > LONGEST:
        raise BadInput(f"That is too long to look for. Please type at most {LONGEST} signs.")
    value = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in value):
        raise BadInput("That contains signs that cannot be printed. Please type it again by hand.")
    return value


def several(name: str, *, most: int = 100) -> list[str]:
    """Up to `most` of what stands under a name, as it stands there; BadInput for more, or for what is longer than any name."""
    found = request.args.getlist(name)
    if len(found) > most:
        raise BadInput(f"Please choose at most {most} at once.")
    if any(len(value) > LONGEST for value in found):
        raise BadInput("This link is broken: it names something that is not there. Please go back and choose again.")
    return found


def choice(name: str, kind: type[E]) -> E | None:
    """One value of an enumeration; None when it is not there. BadInput for a value that it has not."""
    value = request.args.get(name, "")
    try:
        return kind(value) if value else None
    except ValueError as fault:
        raise BadInput("There is no such list. Please go back and choose one.") from fault


def row_id(name: str) -> int | None:
    """A row's id; None when it is not there. BadInput for what is none."""
    value = request.args.get(name, "")
    if not value:
        return None
    return _whole(value)


def row_ids(name: str, *, most: int = 100) -> list[int]:
    """Up to `most` row ids, each once, in the sequence given; BadInput for what is none."""
    found = list(dict.fromkeys(_whole(value) for value in request.args.getlist(name)))
    if len(found) > most:
        raise BadInput(f"Please choose at most {most} at once.")
    return found


def country(name: str = "country") -> str | None:
    """A country by its code, empty for no address; None when it is not there. BadInput for what is none."""
    value = request.args.get(name)
    if value and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise BadInput("A country is named by its two letters in capitals, such as DE.")
    return value


def page(name: str = "page") -> int:
    """A page's number from 1; 1 when it is not there. BadInput for what is none."""
    value = request.args.get(name, "1")
    return max(1, min(_whole(value), 10**6))


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise BadInput("This link is broken: a number in it is none. Please go back and choose again.")
    return int(value)

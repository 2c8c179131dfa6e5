"""The last part of an address: made from a title, or typed by a person."""

import re
import unicodedata
from collections.abc import Callable

from app.kernel.errors import BadInput

LONGEST = 80
_SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SPELT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "&": " and "}
)


def made_from(text: str) -> str:
    """A slug of some text; "untitled" when no letter of it can be spelt in ASCII."""
    spelt = unicodedata.normalize("NFKD", text.lower().translate(_SPELT)).lower()
    words = re.findall(r"[a-z0-9]+", "".join(sign for sign in spelt if not unicodedata.combining(sign)).replace("'", ""))
    return "-".join(words)[:LONGEST].strip("-") or "untitled"


def checked(text: str, field: str = "slug") -> str:
    """The slug as typed; BadInput unless it is small letters, digits and single hyphens."""
    if len(text) > LONGEST or not _SHAPE.fullmatch(text):
        raise BadInput("", {field: f"Small letters, digits and single hyphens, at most {LONGEST}: night-bus-tape."})
    return text


def free(wanted: str, taken: Callable[[str], bool]) -> str:
    """The wanted slug, or the first of wanted-2, wanted-3 … that nobody has."""
    if not taken(wanted):
        return wanted
    stem = wanted[: LONGEST - 5].rstrip("-")
    return next(slug for slug in (f"{stem}-{n}" for n in range(2, 10_000)) if not taken(slug))

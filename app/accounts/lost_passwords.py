"""Is a password one of those that everybody tries first? A list beside this file knows; nobody is asked over the network.

The list holds digests, five bytes each and sorted: of the most common passwords that others have lost, and of all of those that
would be long enough for us. tools/lost_passwords.py says where it comes from and makes it.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("lost_passwords.bin")
WIDTH = 5  # bytes of a digest: among ten thousand a stranger is met once in a hundred million
_SIGNS = str.maketrans("@4301!$57", "aaeoiisst")
_FEW = 4  # different signs; fewer is a key held down, or a pattern
_ROWS = ("01234567890123456789", "12345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def is_common(password: str) -> bool:
    """Is it in the list, also with the usual signs for letters, numbers at its ends, or said several times over?"""
    said = folded(password)
    if len(set(said)) <= _FEW or any(said in row or said in row[::-1] for row in _ROWS):
        return True
    once = _unit(said)
    return (once != said and len(once) <= 6) or any(_listed(each) for each in {said, once, _stem(said), _stem(once)})


def folded(password: str) -> str:
    """Without capitals and gaps, as who guesses tries it."""
    return "".join(password.split()).casefold()


def digest(said: str) -> bytes:
    """What the list keeps of a folded password."""
    return hashlib.sha256(said.encode()).digest()[:WIDTH]


def _listed(said: str) -> bool:
    return any(digest(each) in _all() for each in (said, said.translate(_SIGNS), _stem(said.translate(_SIGNS))) if each)


def _stem(said: str) -> str:
    """What is left without the numbers and signs at its ends: "liverpool" of "liverpool1892!"; nothing of numbers alone."""
    return re.sub(r"^[\d\W_]+|[\d\W_]+$", "", said)


def _unit(said: str) -> str:
    """The part that is repeated, or all of it."""
    place = (said + said).find(said, 1)
    return said[:place]


@cache
def _all() -> frozenset[bytes]:
    held = _LIST.read_bytes()
    return frozenset(held[at : at + WIDTH] for at in range(0, len(held), WIDTH))

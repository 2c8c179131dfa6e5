"""Passwords: argon2id hashes, a least length, and a bound on how many are computed at once."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.lost_passwords import is_common
from app.kernel.errors import BadInput, Unavailable

LEAST, MOST = 12, 1000
COMMON = (
    "It is among the passwords that others have lost and strangers try first, or is made of one. A sentence of your own is better."
)
_HASHER = PasswordHasher()  # argon2id with RFC 9106's low-memory profile
_AT_ONCE = threading.BoundedSemaphore(2)  # fifty sign-ins must not eat both cores in a drop


def hashed(password: str) -> str:
    """The hash to store. BadInput when the password is too short, too long, or one that everybody tries."""
    if not LEAST <= len(password) <= MOST:
        raise BadInput(f"A password has at least {LEAST} characters.", {"password": f"At least {LEAST} characters."})
    if is_common(password):
        raise BadInput("That password is one of the first that a stranger would try.", {"password": COMMON})
    with _AT_ONCE:
        return _HASHER.hash(password)


def right(password: str, stored: str | None) -> bool:
    """Is this the password? It takes as long when there is no such person (`stored` is None)."""
    if not _AT_ONCE.acquire(timeout=5):
        raise Unavailable("Many people are signing in right now. Please try again in a moment.", retry_after=5)
    try:
        nobody = _nobody()  # whoever signs in, so that the first time of a process takes as long, too
        same = _HASHER.verify(stored or nobody, password[:MOST])
        return same and stored is not None and len(password) <= MOST
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _AT_ONCE.release()


@cache
def _nobody() -> str:
    """A hash that no password has; made when it is first wanted, as every process that starts would pay for it."""
    return _HASHER.hash(secrets.token_urlsafe(16))


def stale(stored: str) -> bool:
    """Should the hash be made anew with today's parameters?"""
    return _HASHER.check_needs_rehash(stored)


def suggested() -> str:
    """A password that nobody guesses and that can be typed."""
    return "-".join(secrets.token_hex(3) for _ in range(4))

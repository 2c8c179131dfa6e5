"""Texts that are stored but not to be read where they lie: sealed under the shop's own keys, and sealed anew after a rotation."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def seal(keys: Sequence[bytes], purpose: str, text: str) -> str:
    """The text under the first key; another purpose cannot open it."""
    return _locks(keys, purpose)[0].encrypt(text.encode()).decode()


def unseal(keys: Sequence[bytes], purpose: str, sealed: str) -> tuple[str, bool] | None:
    """The text, and whether an old key opened it, so that it should be sealed anew; None when no key fits."""
    from cryptography.fernet import InvalidToken  # slow import: few requests want it  # noqa: PLC0415

    for old, lock in enumerate(_locks(keys, purpose)):
        try:
            return lock.decrypt(sealed.encode()).decode(), bool(old)
        except InvalidToken:
            continue
    return None


def _locks(keys: Sequence[bytes], purpose: str) -> list["Fernet"]:
    from cryptography.fernet import Fernet  # slow import: as above  # noqa: PLC0415

    derived = (hmac.new(key, f"seal\0{purpose}".encode(), hashlib.sha256).digest() for key in keys)
    return [Fernet(base64.urlsafe_b64encode(key)) for key in derived]

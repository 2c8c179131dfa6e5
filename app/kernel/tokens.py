"""Unguessable tokens derived from a row's id, so that only a generation needs storing."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_SHAPE = re.compile(r"([0-9a-f]{1,16})-([A-Za-z0-9_-]{27})")


@dataclass(frozen=True)
class Tokens:
    """Makes and reads tokens; the first key signs, all keys are accepted."""

    keys: Sequence[bytes] = field(repr=False)

    def make(self, kind: str, id: int, generation: int) -> str:  # noqa: A002 - the word for a row's key
        """The token of one row: its id in hex and 160 bits of HMAC-SHA256."""
        return f"{id:x}-{self._mac(self.keys[0], kind, id, generation)}"

    def peek(self, token: str) -> int | None:
        """The id that a token claims, unproven; None when it has not the shape of a token."""
        found = _SHAPE.fullmatch(token)
        id_ = int(found[1], 16) if found else 0
        return id_ if 0 < id_ < 2**63 else None

    def proves(self, token: str, kind: str, id: int, generation: int) -> bool:  # noqa: A002 - as above
        """Is this the token of that row?"""
        found = _SHAPE.fullmatch(token)
        macs = (self._mac(key, kind, id, generation) for key in self.keys)
        return found is not None and f"{id:x}" == found[1] and any(hmac.compare_digest(found[2], mac) for mac in macs)

    def digest(self, kind: str, text: str) -> str:
        """A keyed fingerprint of some text, 32 hex digits: to recognise it again without storing it."""
        return hmac.new(self.keys[0], f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]

    def _mac(self, key: bytes, kind: str, id_: int, generation: int) -> str:
        mac = hmac.new(key, f"{kind}\0{id_}\0{generation}".encode(), hashlib.sha256).digest()[:20]
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

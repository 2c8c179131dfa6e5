"""A very short memory for pages that are the same bytes for everybody."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")

SECONDS = 1.0
_MOST = 256  # different pages kept; keys come from the database, never from a query string


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = float("-inf")
    value: object = None


class MicroCache:
    """Keeps what `make` returned for a second; while one thread makes it anew, the others wait for that."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._slots: dict[object, _Slot] = {}

    def get(self, key: object, make: Callable[[], T], lasts: Callable[[T], float] = lambda _: math.inf) -> T:
        """The kept value of `key`, or a new one. One that `lasts` for fewer seconds is kept no longer."""
        with self._guard:
            if len(self._slots) > _MOST:
                self._slots.clear()
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if time.monotonic() >= slot.until:
                value = make()
                slot.value, slot.until = value, time.monotonic() + min(self._seconds, lasts(value))
            return cast("T", slot.value)  # one key is always made by one kind of `make`

    def left(self, key: object) -> float:
        """For how many more seconds the value of `key` is kept; 0 when it is not."""
        slot = self._slots.get(key)
        return max(0.0, slot.until - time.monotonic()) if slot else 0.0

    def clear(self) -> None:
        """Forget everything."""
        with self._guard:
            self._slots.clear()

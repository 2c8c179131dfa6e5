"""A very short memory for pages that are the same bytes for everybody."""

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
    made: float = float("-inf")
    value: object = None


class MicroCache:
    """Keeps what `make` returned for a second; while one thread makes it anew, the others wait for that."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._slots: dict[object, _Slot] = {}

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The kept value of `key`, or a new one."""
        with self._guard:
            if len(self._slots) > _MOST:
                self._slots.clear()
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if time.monotonic() - slot.made > self._seconds:
                slot.value, slot.made = make(), time.monotonic()
            return cast("T", slot.value)  # one key is always made by one kind of `make`

    def clear(self) -> None:
        """Forget everything."""
        with self._guard:
            self._slots.clear()

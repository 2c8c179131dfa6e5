"""What was found sold out: told from memory for a moment, so late by that, but never wrong about a copy that is sold."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

SECONDS = 0.5  # for which a drop that was found sold out is not asked again
LATE = 0.5  # seconds more for which others are told the same while one of them asks
_PATIENCE = 1.0  # seconds for which others who found it too wait for the words
_MOST = 200  # answers kept

Headers = list[tuple[str, str]]
Words = tuple[str, Headers, bytes]  # status, headers, body


@dataclass
class Gone:
    """The refusal that everybody without a hold of that drop is told until `until` (perf_counter)."""

    drop_id: int
    until: float
    words: Words
    renewing: bool = False


class Memory:
    """Refusals by question, the same for all threads."""

    def __init__(self) -> None:
        self._told: dict[Hashable, Gone] = {}
        self._sought: dict[Hashable, threading.Event] = {}

    def look(self, question: Hashable, now: float) -> Gone | None:
        """What is told just now. The first to come when its time is over gets nothing, and so asks for all the others."""
        gone = self._told.get(question)
        if gone is None or now < gone.until:
            return gone
        if gone.renewing and now < gone.until + LATE:
            return gone
        gone.renewing = True
        return None

    def found(self, question: Hashable, drop_id: int, now: float, words: Callable[[], Words | None]) -> Gone | None:
        """Somebody found that nothing is free: have one of them find the `words`, and the others wait; None when there are none."""
        event = threading.Event()
        others = self._sought.setdefault(question, event)
        if others is not event:
            others.wait(_PATIENCE)
            return self.look(question, now)
        try:
            if said := words():
                if len(self._told) >= _MOST:
                    self._told.clear()
                self._told[question] = Gone(drop_id, now + SECONDS, said)
        finally:
            self._sought.pop(question, None)
            event.set()
        return self._told.get(question) if said else None

    def forget(self, question: Hashable) -> None:
        """Somebody was given a copy."""
        self._told.pop(question, None)

    def clear(self) -> None:
        """Forget everything."""
        self._told.clear()

"""Remembers answers that are the same for everybody who asks the same, for as long as the shop has said."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from app.gate.answer import Answer

STALE = 1.0  # seconds that an old answer is given on while one visitor's request makes the new one
MOST = 512  # answers kept; a question is what somebody else wrote, so there is no end of them


@dataclass
class Tally:
    """What was answered alike without asking anybody since it was last told: how long each took, and the last one's id."""

    method: str
    route: str
    status: int
    took: list[float] = field(default_factory=list)
    mark: str = ""


@dataclass
class Kept:
    """An answer, and until when (the loop's clock) it is good."""

    answer: Answer
    tally: Tally
    until: float
    renewing: bool = False


class Front:
    """Kept answers by question. All of it happens in the loop's thread."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Kept] = {}

    def look(self, question: Hashable, now: float) -> Kept | None:
        """What is kept for a question. The first to find it old gets nothing, and so makes the new one for all the others."""
        kept = self._kept.get(question)
        if kept is None or now <= kept.until:
            return kept
        if kept.renewing and now <= kept.until + STALE:
            return kept
        kept.renewing = True
        return None

    def fresh(self, question: Hashable, now: float) -> Kept | None:
        """What is kept and not old: for who was given nothing, and is to make it unless somebody has by now."""
        kept = self._kept.get(question)
        return kept if kept is not None and now <= kept.until else None

    def keep(self, question: Hashable, answer: Answer, tally: Tally, until: float) -> None:
        """Remember an answer."""
        if len(self._kept) >= MOST and question not in self._kept:
            self._kept.clear()
        self._kept[question] = Kept(answer, tally, until)

    def forget(self, question: Hashable) -> None:
        """What was kept is not true any more."""
        self._kept.pop(question, None)

"""What clients were told, as they were told it: every deed with its answer, who has which number, who bought it."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

Number = tuple[str, int]  # a copy as a fan knows it: the run's slug, and the number


class Outcome(StrEnum):
    """ok was promised; refused was a clear no; unknown had no answer, so it may have happened or not."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Deed:
    """One request of a client: when it was sent, in seconds of one clock that only goes forward, and how it ended."""

    who: str
    what: str
    outcome: Outcome
    status: int | None
    sent: float
    took: float
    words: str = ""


@dataclass(frozen=True)
class Take:
    """Copies that a fan was told are theirs until a time."""

    fan: str
    numbers: tuple[Number, ...]
    until: datetime
    told: datetime


@dataclass(frozen=True)
class Bought:
    """An order that a fan has seen on its own page."""

    fan: str
    reference: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Mark:
    """How far a history had come."""

    takes: int
    staff: Counter[tuple[str, int]]


@dataclass
class History:
    """Grows while many threads write to it. `twice` holds every number that two fans were told at once."""

    deeds: list[Deed] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    bought: list[Bought] = field(default_factory=list)
    paid: set[str] = field(default_factory=set)  # sessions in which a fan was told that they had paid
    staff: Counter[tuple[str, int]] = field(default_factory=Counter)  # deeds at the desk that were acknowledged, per copy
    twice: list[tuple[Number, str, str]] = field(default_factory=list)
    events_lost: set[str] = field(default_factory=set)  # that were answered 200 and went with a database that was lost
    _has: dict[Number, Take] = field(default_factory=dict)
    _owns: dict[Number, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, deed: Deed) -> None:
        """A request has been answered, or has not."""
        with self._lock:
            self.deeds.append(deed)

    def told(self, take: Take) -> None:
        """A fan hears that some numbers are theirs. Somebody else's, whose time is not over, are then told twice."""
        with self._lock:
            self.takes.append(take)
            for number in take.numbers:
                before = self._has.get(number)
                if before is not None and before.fan != take.fan and before.until > take.told:
                    self.twice.append((number, before.fan, take.fan))
                self._mine(number, take.fan)
                self._has[number] = take

    def lets_go(self, fan: str) -> None:
        """A fan is about to give everything up: from now on others may be told the numbers."""
        with self._lock:
            for number in [number for number, take in self._has.items() if take.fan == fan]:
                del self._has[number]

    def buys(self, bought: Bought) -> None:
        """A fan has seen their order; its numbers are theirs for ever."""
        with self._lock:
            self.bought.append(bought)
            for number in bought.numbers:
                self._mine(number, bought.fan)
                self._owns[number] = bought.fan

    def gives_back(self, fan: str) -> None:
        """A fan is about to cancel their orders: from now on the numbers may be anybody's."""
        with self._lock:
            self.bought = [each for each in self.bought if each.fan != fan]
            self._owns = {number: owner for number, owner in self._owns.items() if owner != fan}
        self.lets_go(fan)

    def pays(self, session: str) -> None:
        """A fan was told by Stripe that a session is paid."""
        with self._lock:
            self.paid.add(session)

    def mark(self) -> "Mark":
        """What has been acknowledged by now: a backup that begins after this has it."""
        with self._lock:
            return Mark(len(self.takes), Counter(self.staff))

    def lose_since(self, mark: "Mark") -> None:
        """The database is to be put back to after a mark: what was only promised since, and not paid for, is nobody's any more."""
        with self._lock:
            for take in self.takes[mark.takes :]:
                for number in take.numbers:
                    self._has.pop(number, None)
            del self.takes[mark.takes :]
            self.staff = Counter(mark.staff)

    def failed(self) -> list[Deed]:
        """Requests that had no answer, or one that nobody may ever get."""
        with self._lock:
            silent = [deed for deed in self.deeds if deed.status is None]
        return silent + self.faults()

    def longest_between(self, begin: float, end: float) -> float:
        """The longest that anybody waited for an answer whose request was under way at some time between these two."""
        with self._lock:
            return max((deed.took for deed in self.deeds if deed.sent < end and deed.sent + deed.took > begin), default=0.0)

    def _mine(self, number: Number, fan: str) -> None:
        owner = self._owns.get(number, fan)
        if owner != fan:
            self.twice.append((number, owner, fan))

    def count(self) -> Counter[Outcome]:
        """How many requests ended how."""
        with self._lock:
            return Counter(deed.outcome for deed in self.deeds)

    def statuses(self) -> Counter[int | None]:
        """How many requests were answered with which status."""
        with self._lock:
            return Counter(deed.status for deed in self.deeds)

    def faults(self) -> list[Deed]:
        """Answers that nobody may ever get: a 500, or a 503 or 429 that does not say when to come back."""
        with self._lock:
            return [deed for deed in self.deeds if deed.status is not None and deed.status >= 500 and deed.status != 503] + [
                deed for deed in self.deeds if deed.status in {429, 503} and "no Retry-After" in deed.words
            ]

    def since(self, moment: float) -> bool:
        """Has any request that was sent after this moment succeeded?"""
        with self._lock:
            return any(deed.outcome is Outcome.OK and deed.sent > moment for deed in reversed(self.deeds[-200:]))

    def longest_gap(self) -> float:
        """Seconds between two successes, at most; 0 with fewer than two."""
        with self._lock:
            moments = sorted(deed.sent + deed.took for deed in self.deeds if deed.outcome is Outcome.OK)
        return max((after - before for before, after in pairwise(moments)), default=0.0)

    def longest(self, outcomes: Iterable[Outcome] = tuple(Outcome)) -> float:
        """The longest that anybody waited for an answer."""
        wanted = set(outcomes)
        with self._lock:
            return max((deed.took for deed in self.deeds if deed.outcome in wanted), default=0.0)

    def percentile(self, share: float, what: str | None = None) -> float:
        """How long that share of the successful requests took at most, for all or for one kind of deed."""
        with self._lock:
            times = sorted(d.took for d in self.deeds if d.outcome is Outcome.OK and what in (None, d.what))
        return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def clock() -> float:
    """Seconds of a clock that only goes forward."""
    return time.monotonic()

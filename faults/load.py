"""Many fans at once: threads that play one fan after another until they are told to stop."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from faults.fan import USUAL, Fan, Mood, World
from faults.history import History
from faults.market import Market

THREADS = 12


@dataclass
class Load:
    """A crowd at a market. `seed` decides how each fan behaves, whichever thread plays them."""

    world: World
    market: Market
    history: History
    seed: str
    moods: Mapping[Mood, int] = field(default_factory=lambda: USUAL)
    threads: int = THREADS
    patience: float = 30
    refused_mail: float = 0.0  # this share of the fans has an address that no mail server takes
    played: int = 0
    ended: int = 0  # stories that were played to their end
    resting: bool = False  # nobody begins another story
    broken: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Fans come while the block lasts; those who have begun go on with their story as long as they need not wait."""
        threads = [threading.Thread(target=self._play, name=f"fan-{n}") for n in range(self.threads)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _play(self) -> None:
        while not self._stop.is_set():
            if self.resting:
                self._stop.wait(0.1)
                continue
            fan, mood = self._next()
            stall = self.market.stall()
            try:
                left = fan.play(stall, mood)
            except Exception as fault:  # a client that breaks has met an answer that makes no sense
                self.broken.append(fault)
                continue
            with self._lock:
                self.ended += 1
            if not left:
                self.market.sold_out(stall)
                self._stop.wait(1.0 if self.market.is_empty else 0.02)

    def _next(self) -> tuple[Fan, Mood]:
        with self._lock:
            self.played += 1
            number = self.played
        random = Random(f"{self.seed}/{number}")  # noqa: S311 - a story, no secret
        mood = random.choices(list(self.moods), list(self.moods.values()))[0]
        name = f"{self.seed}-fan-{number:05d}".replace("/", "-").lower()
        domain = "refused.example" if random.random() < self.refused_mail else "example.org"
        return Fan(name, self.world, self.history, random, self.patience, f"{name}@{domain}", self._stop), mood

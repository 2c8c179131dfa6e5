"""Takes outbox rows and due work until told to stop: what by the clock stands in `schedule`, what by the outbox in `jobs`."""

import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from app.checkout.house import House
from app.kernel import outbox
from app.worker.bench import Bench, bench_of
from app.worker.hands import PAUSE, Hand
from app.worker.jobs import JOBS, LEFT, do
from app.worker.schedule import SCHEDULE, watch
from app.worker.watchman import Watchman

__all__ = ["JOBS", "SCHEDULE", "Bench", "Worker", "make_worker", "serve", "watch"]

log = structlog.get_logger()

# A hand each, and the least urgent jobs that it takes: money never waits for a question, nor a question for a mail.
# So many, because a hand that asks Stripe waits for 300 ms, twice for an order, and a drop brings 25 orders a second. Few for
# letters, which want the same core: an order is what the fan waits for.
HANDS = (*(2,) * 2, *(5,) * 31, *(outbox.LEAST_URGENT,) * 3)
_NICE = 5
_PATIENCE = 5.0  # seconds until a hand looks by itself: the watchman looks for all of them


class Worker:
    """One worker process: a few hands that take due jobs by lease, and a clock. Several processes may run side by side."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.stopping = threading.Event()
        self.hands = tuple(self._hand(number, up_to) for number, up_to in enumerate(HANDS, 1))
        self._last: dict[str, datetime] = {}

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; the jobs in hand are finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        house = self.bench.house
        watchman = Watchman(house.db, house.clock, self.hands, self.stopping, LEFT)
        threads = [threading.Thread(target=each.run, name=each.name) for each in self.hands]
        threads.append(threading.Thread(target=watchman.run, name=f"{self.name}:watchman"))
        for thread in threads:
            thread.start()
        while not self.stopping.is_set():
            self.tick()
            self.stopping.wait(PAUSE)
        while any(thread.is_alive() for thread in threads):
            self._keep_leases()
            time.sleep(0.05)

    def step(self, *, limit: int = 10) -> int:
        """Do what the clock asks for, then a few due jobs in this thread; how many jobs were done."""
        self.tick()
        return self.hands[-1].work(limit)

    def tick(self) -> None:
        """Run each scheduled deed whose time has come, and keep the leases of what is in hand."""
        for every, what, deed in SCHEDULE:
            if self._due(every, what):
                self._guarded(what, deed, self.bench.house, self._now())
        self._keep_leases()

    def _hand(self, number: int, up_to: int) -> Hand:
        house = self.bench.house
        deed = partial(do, self.bench)
        return Hand(house.db, house.clock, f"{self.name}:{number}", deed, up_to, LEFT, self.stopping, _PATIENCE)

    def _keep_leases(self) -> None:
        if self._due(outbox.LEASE / 3, "keep leases"):
            for hand in self.hands:
                self._guarded("keep leases", hand.keep)

    def _due(self, every: timedelta, what: str) -> bool:
        """Is it time for this again? If so it counts as done now."""
        now = self._now()
        if now - self._last.get(what, datetime.min.replace(tzinfo=UTC)) < every:
            return False
        self._last[what] = now
        return True

    def _guarded(self, what: str, deed: Callable[..., object], *given: object) -> None:
        """One deed that fails must not keep the others from being done."""
        try:
            deed(*given)
        except Exception:
            log.exception("schedule", what=what)

    def _now(self) -> datetime:
        return self.bench.house.clock.now()


def make_worker(house: House) -> Worker:
    """A worker for this house."""
    return Worker(bench_of(house))


def serve(house: House) -> None:
    """Work until told to stop, in a process of its own: where both want a core, who waits for a page goes first."""
    os.nice(_NICE)
    make_worker(house).run()

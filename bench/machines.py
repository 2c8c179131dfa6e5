"""Two machines on one PostgreSQL: two sets of processes that share the database and MEDIA_DIR, and nothing else."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.kernel.db import reading
from bench.asking import ask
from bench.fans import Answer, Ask, Fans
from bench.judge import Seen
from bench.nginx import Nginx
from bench.rig import POSTGRES, Shop
from tests.browser.running import RunningShop


class Second(Shop):
    """Another machine of a shop: a web server and a worker of its own, in a folder of its own."""

    def __init__(self, first: Shop, folder: Path) -> None:
        shared = {"MEDIA_DIR": str(first.folder / "media"), "BASE_URL": first.url}
        super().__init__(folder, POSTGRES, first.database_url, server=first.server, more=shared, processes=1, clocked=True)
        self.sink, self.stripe_url, self._offset = first.sink, first.stripe_url, first._offset  # one clock for both

    def __enter__(self) -> "Second":
        try:
            self.serve()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End what is this machine's own."""
        RunningShop.stop(self)


@dataclass(frozen=True)
class Door:
    """Where fans come in: nginx before all machines, which sends nobody to one that does not answer."""

    nginx: Nginx
    first: Shop

    @property
    def url(self) -> str:
        """Nginx, whoever comes."""
        return self.nginx.url

    @property
    def secret_key(self) -> str:
        """What the shop signs cookies with."""
        return self.first.secret_key

    def pay(self, session: str, card: str, **details: Any) -> dict[str, Any]:
        """Pay at the local Stripe, which is the same for all."""
        return self.first.pay(session, card, **details)

    def now(self) -> datetime:
        """The shop's time."""
        return self.first.now()


SOON = 0.5  # seconds until a plan begins: all of them are ready by then
APART = 0.4  # seconds between the first looks, so that what machines remember does not grow old in step
OWNERS = text("SELECT DISTINCT lease_owner FROM outbox WHERE lease_owner IS NOT NULL")


@dataclass
class Eyes:
    """Looks at a drop's live counts at every machine ten times a second, and at who has jobs in hand, while the block lasts."""

    machines: Sequence[Shop]
    drop: str
    seen: list[list[Seen]] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    def __enter__(self) -> "Eyes":
        self._stop = threading.Event()
        self.seen = [[] for _ in self.machines]
        jobs = [(self._look, n) for n in range(len(self.machines))]
        self._threads = [threading.Thread(target=self._guarded, args=job) for job in (*jobs, (self._owners, 0))]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def workers(self) -> int:
        """How many workers had a job in hand."""
        return len({owner.rpartition(":")[0] for owner in self.owners})

    def _guarded(self, look: Any, machine: int) -> None:
        self._stop.wait(APART * machine)
        try:
            while not self._stop.is_set():
                look(machine)
        except Exception as fault:  # whatever it is, an eye that sees nothing must not pass for one that saw no fault
            self.broken.append(f"{type(fault).__name__}: {fault}")

    def _look(self, machine: int) -> None:
        sent = time.monotonic()
        told = ask(self.machines[machine].port, f"/drops/{self.drop}/live", {"Accept": "application/json"})
        free = sum(each["available"] for each in told.json()["runs"])
        self.seen[machine].append(Seen(sent, time.monotonic(), free))
        self._stop.wait(0.1)

    def _owners(self, _machine: int) -> None:
        with reading(self.machines[0].db) as session:
            self.owners.update(session.scalars(OWNERS))
        self._stop.wait(0.02)


def at_once(fans: Fans, ports: Sequence[int], plans: Sequence[Sequence[Ask]], start: float = 0) -> list[list[Answer]]:
    """Each port's plan, all of them from one moment of the real clock on (0: soon); the answers by port."""
    start = start or time.time() + SOON
    with ExitStack() as stack:
        crowds = [stack.enter_context(fans.begin(port, plan, start=start)) for port, plan in zip(ports, plans, strict=True)]
        return [crowd.end().answers for crowd in crowds]

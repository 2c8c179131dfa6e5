"""What each web process does beside serving: while the worker is silent, it looks for what needs a person, and tells."""

import threading
from datetime import datetime, timedelta
from functools import partial

import structlog
from flask import Flask

from app.alerts import KINDS
from app.checkout.house import House
from app.kernel import heartbeat, outbox
from app.kernel.db import reading
from app.web.house import house
from app.worker.alerting import look
from app.worker.bench import bench_of
from app.worker.hands import Hand
from app.worker.jobs import JOBS, do

log = structlog.get_logger()

PAUSE = 5.0  # seconds between looks at the worker's sign of life
ROUND = timedelta(seconds=30)  # between two rounds of checks in its place
_ALL_BUT_ALERTS = outbox.of_kinds([kind for kind in JOBS if kind not in KINDS])


class StandIn:
    """Nobody who is dead can say so. It does nothing but alerts: fans' mail and Stripe wait for the worker."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.began = self.last = house.clock.now()
        self.suspected = False
        bench = bench_of(house)
        self.hand = Hand(house.db, house.clock, "stand-in", partial(do, bench), left=_ALL_BUT_ALERTS)

    def run(self, stopping: threading.Event) -> None:
        """Look until the process ends."""
        while not stopping.wait(PAUSE):
            try:
                self.step()
            except Exception:
                log.exception("stand-in")  # the database may be away: look again

    def step(self) -> bool:
        """One look; was the worker silent, and everything told in its place?

        It takes two looks in a row: a machine that was asleep wakes both, and perhaps this one first.
        """
        now = self.house.clock.now()
        suspected, self.suspected = self.suspected, self._silent(now)
        if not (suspected and self.suspected) or now - self.last < ROUND:
            return False
        self.last = now
        look(self.house, now)
        self.hand.work(100)
        return True

    def _silent(self, now: datetime) -> bool:
        """Who starts together with the worker gives it the time to come up."""
        if (now - self.began).total_seconds() <= heartbeat.SILENT:
            return False
        with reading(self.house.db) as session:
            age = heartbeat.age(session, heartbeat.WORKER, now)
        return age is None or age > heartbeat.SILENT


def beside(app: Flask) -> None:
    """All that a web process does beside serving; it does not come to an end."""
    with app.app_context():
        stand_in = StandIn(house())
    stand_in.run(threading.Event())

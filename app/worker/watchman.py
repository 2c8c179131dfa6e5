"""Looks into the outbox for all idle hands at once, and wakes as many of them as there is work for."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement

from app.kernel import outbox
from app.kernel.clock import Clock
from app.kernel.db import Database, glance
from app.worker.hands import PAUSE, Hand

log = structlog.get_logger()

LOOK = 0.1  # seconds between two looks


@dataclass(frozen=True)
class Watchman:
    """One look costs the same however many hands rest; `hands` stand from the choosiest to the one that takes anything."""

    db: Database
    clock: Clock
    hands: Sequence[Hand]
    stopping: threading.Event
    left: ColumnElement[bool] | None = None

    def run(self) -> None:
        """Look until told to stop, then wake everybody."""
        while not self.stopping.is_set():
            try:
                self.look()
            except Exception:
                log.exception("watchman")  # the database may be away
                self.stopping.wait(PAUSE)
            self.stopping.wait(LOOK)
        for hand in self.hands:
            hand.woken.set()

    def look(self) -> int:
        """Wake a hand for each due job, while there are any; how many."""
        idle = [hand for hand in self.hands if hand.rests]
        if not idle:
            return 0
        with glance(self.db) as session:
            due = outbox.due(session, self.clock.now(), left=self.left, most=len(idle))
        woken = 0
        for priority in due:
            able = next((hand for hand in idle if hand.up_to >= priority), None)
            if able is not None:
                idle.remove(able)
                able.woken.set()
                woken += 1
        return woken

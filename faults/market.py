"""Drops to sell: made ahead, one after the other, so that scarcity comes again and again; fans go where something is left."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Label
from app.kernel.db import Database, transaction
from tests.builders import make_drop, make_label, make_release, make_run


@dataclass(frozen=True)
class Stall:
    """One drop: its slug, and the slugs of the runs that it sells."""

    drop: str
    runs: tuple[str, ...]


class Market:
    """Some drops of one label. `stall()` is the one to go to; who finds it sold out says so."""

    def __init__(self, stalls: list[Stall]) -> None:
        self.stalls = stalls
        self._at = 0
        self._lock = threading.Lock()

    def stall(self) -> Stall:
        """The drop that sells now; the last one when everything is gone."""
        return self.stalls[min(self._at, len(self.stalls) - 1)]

    def sold_out(self, stall: Stall) -> None:
        """Somebody was told that nothing is left there."""
        with self._lock:
            if self._at < len(self.stalls) and self.stalls[self._at] is stall:
                self._at += 1

    @property
    def is_empty(self) -> bool:
        """Was everything sold out at some time?"""
        return self._at >= len(self.stalls)


def open_market(db: Database, now: datetime, *, drops: int, copies: int, runs: int = 1, hold_minutes: int = 2) -> Market:
    """Open so many drops of `copies` copies, in so many runs each, at the one label; holds are short, so that they lapse soon."""
    with transaction(db) as session:
        label = session.scalar(select(Label)) or make_label(session)
        return Market([_stall(session, label, now, copies, runs, hold_minutes) for _ in range(drops)])


def _stall(session: Session, label: Label, now: datetime, copies: int, runs: int, hold_minutes: int) -> Stall:
    made = [make_run(session, make_release(session, label), size=copies, limit=4) for _ in range(runs)]
    drop = make_drop(session, made, opens_at=now - timedelta(minutes=1), hold_minutes=hold_minutes)
    drop.network_holds = 100_000  # every fan comes from this machine
    return Stall(drop.slug, tuple(run.slug for run in made))

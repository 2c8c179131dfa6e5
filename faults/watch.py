"""Reads the invariants of a running shop every two seconds, from outside."""

import threading
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from app.invariants import offenders
from app.kernel.db import reading
from app.kernel.errors import Unavailable
from faults.rig import Rig

EVERY = 2.0  # seconds
# True again once quiet when the clock was moved, like all that is about deadlines.
LATER = {
    "jobs.not_stuck", "money.authorised_ends", "time.active_lapses", "time.closing_ends", "time.session_ends", "time.event_heard",
}  # fmt: skip


class Watch:
    """A thread that looks and puts what it finds into `broken`, with the first offenders; `looks` is how often it looked."""

    def __init__(self, rig: Rig, broken: dict[str, str]) -> None:
        self.broken = broken
        self.looks = 0
        self._rig = rig
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            with suppress(SQLAlchemyError, Unavailable):  # the database is what is broken just now
                self.broken |= {id_: rows for id_, rows in look(self._rig).items() if not self._may_wait(id_)}
                self.looks += 1

    def _may_wait(self, id_: str) -> bool:
        return self._rig.clock_moved and id_ in LATER


def look(rig: Rig) -> dict[str, str]:
    """The invariants that are broken now, with their first offenders."""
    with reading(rig.db) as session:
        return {each.id: str(rows[:3]) for each, rows in offenders(session, rig.now())}

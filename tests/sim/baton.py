"""Several deeds at once in one thread: each is a greenlet, and at every statement, commit, call and mail the dice say who goes on.

A deed that wants to write while another one is writing waits for it, as in the shop's own queue of writers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import TracebackType
from typing import Any

from greenlet import getcurrent, greenlet
from sqlalchemy import Connection, event

from app.kernel.db import Database
from tests.sim.deed import Deed, PowerCut

_LONGEST = 20_000  # points of one round; a deed that needs more goes in circles


class Baton:
    """Who goes on. `dice` are set anew before each round."""

    def __init__(self, db: Database, dice: Random) -> None:
        self._dice = dice
        self._now: Deed | None = None
        self._hub: greenlet | None = None
        self.writers = Turn(self, db)
        event.listen(db.engine, "before_cursor_execute", self._statement)
        event.listen(db.engine, "commit", lambda connection: self._on(connection, "commit"))
        event.listen(db._sessions, "after_commit", lambda _session: self.point("committed"))

    @property
    def now(self) -> Deed | None:
        """Whose deed is being done."""
        return self._now

    def round(self, *deeds: Deed) -> None:
        """Do these deeds together until all are done."""
        if len(deeds) == 1:
            self._now = deeds[0]
            try:
                deeds[0].run()
            finally:
                self._now = None
            return
        self._together(deeds)

    def point(self, where: str) -> None:
        """A moment at which a deed may die, or another one may go on."""
        if self._now is not None and not self._now.undisturbed:
            self._now.arrive(where)
            self._give_way()

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Somebody else's deed in the middle of this one: this one cannot die of it."""
        deed = self._now
        if deed is not None:
            deed.undisturbed = True
        yield
        if deed is not None:
            deed.undisturbed = False

    def wait(self) -> None:
        """Let others go on until nobody is writing."""
        assert self._now is not None
        assert self._hub is not None, "a deed waits for itself: it opens a transaction inside its own"
        self._now.waits = True
        self._give_way()

    def _together(self, deeds: tuple[Deed, ...]) -> None:
        self._hub = getcurrent()
        going = {deed: greenlet(deed.run) for deed in deeds}
        try:
            for _ in range(_LONGEST):
                able = [deed for deed in going if not going[deed].dead and (self.writers.free or not deed.waits)]
                if not able:
                    break
                self._now = self._now if self._now in able and self._dice.random() < 0.7 else self._dice.choice(able)
                self._now.waits = False
                going[self._now].switch()
            assert all(each.dead for each in going.values()), "deeds wait for each other"
        finally:
            self._now = self._hub = None
            for each in going.values():
                each.throw()  # ends what a fault of another deed left half done; the dead do not mind

    def _give_way(self) -> None:
        if self._hub is not None:
            self._hub.switch()

    def _statement(self, connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._on(connection, statement[:40])

    def _on(self, connection: Connection, where: str) -> None:
        """A point on a connection; who dies there takes it along."""
        try:
            self.point(where)
        except PowerCut:
            connection.invalidate()
            raise


class Turn:
    """The queue of writers: one at a time. Stands where the shop has its FairLock."""

    def __init__(self, baton: Baton, db: Database) -> None:
        self._baton = baton
        self.db = db
        self._held = False
        self._jumped: set[Deed | None] = set()
        self.jumps = 0

    @property
    def free(self) -> bool:
        """Is nobody writing?"""
        return not self._held

    def __enter__(self) -> None:
        deed = self._baton.now
        if self._held and deed is not None and deed.impatient:
            self.jumps += 1
            self._jumped.add(deed)  # as another process would: the database itself says that it is busy
            return
        while self._held:
            self._baton.wait()
        self._held = True

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        deed = self._baton.now
        if deed in self._jumped:
            self._jumped.discard(deed)
        else:
            self._held = False

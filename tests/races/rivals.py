"""Rivals that run in the critical moment, and switches that take the guards off (they exist here only, never in the app)."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from app.inventory.models import Copy
from app.inventory.states import CopyState
from app.kernel import db as kernel_db
from app.kernel.db import Database
from app.kernel.turns import Freely, Turns
from app.payments.gateway import Gateway

PATIENCE = 5.0  # seconds after which a rival counts as waiting although nobody saw what for
_WAITS = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1")


class NotMet(Exception):
    """The race did not take place, so it proves nothing."""


class Rival:
    """Somebody else's deed in a thread of its own; `said` is what they were told, a result or a refusal."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        self._deed = deed
        self._thread = threading.Thread(target=self._run)
        self.said: Any = None
        self.inside = False

    def _run(self) -> None:
        try:
            self.said = self._deed()
        except Exception as refusal:
            self.said = refusal

    def burst_in(self, db: Database) -> None:
        """Do it now; go on as soon as it is done, or a guard of the database is seen to make the rival wait."""
        self._thread.start()
        until = time.monotonic() + PATIENCE
        while self._thread.is_alive() and not _somebody_waits(db) and time.monotonic() < until:
            self._thread.join(0.002)
        self.inside = not self._thread.is_alive()

    def finish(self) -> Any:
        """What they were told in the end."""
        self._thread.join(20)
        if self._thread.is_alive():
            raise NotMet("the rival hangs")
        return self.said


@contextmanager
def at_statement(db: Database, pattern: str, rival: Rival, *, nth: int = 1) -> Iterator[None]:
    """Let the rival burst in just before this thread's nth statement that matches."""
    me, seen = threading.get_ident(), 0

    def look(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        if threading.get_ident() == me and re.search(pattern, statement, re.IGNORECASE | re.DOTALL):
            seen += 1
            if seen == nth:
                rival.burst_in(db)

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", look)
    if seen < nth:
        raise NotMet(f"no statement matched {pattern!r}")


@contextmanager
def at_call(db: Database, call: str, rival: Rival) -> Iterator[None]:
    """Let the rival burst in just before this thread's first call of that name to Stripe."""
    me, real, seen = threading.get_ident(), getattr(Gateway, call), False

    def asked(self: Gateway, *given: Any) -> Any:
        nonlocal seen
        if threading.get_ident() == me and not seen:
            seen = True
            rival.burst_in(db)
        return real(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gateway, call, asked)
        yield
    if not seen:
        raise NotMet(f"Stripe was not asked to {call}")


def _somebody_waits(db: Database) -> bool:
    """Is there a writer in the queue (SQLite), or a backend that waits for a lock (PostgreSQL)?"""
    if db.is_sqlite:
        return isinstance(db._turns, Turns) and bool(db._turns.line._waiting)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return connection.scalar(_WAITS) is not None


@contextmanager
def no_locks(db: Database) -> Iterator[Database]:
    """The same database without guards: PostgreSQL takes no row locks, SQLite no write lock, each statement for itself."""
    if db.is_sqlite:
        event.remove(db.engine, "begin", kernel_db._begin_sqlite)
        try:
            yield replace(db, _turns=Freely(db._sessions))
        finally:
            event.listen(db.engine, "begin", kernel_db._begin_sqlite)
        return
    event.listen(db.engine, "before_cursor_execute", without_for_update, retval=True)
    try:
        yield db
    finally:
        event.remove(db.engine, "before_cursor_execute", without_for_update)


def without_for_update(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> tuple[str, Any]:
    """A listener for `before_cursor_execute` that takes the row locks out of every statement."""
    return re.sub(r" FOR UPDATE( OF \w+)?( SKIP LOCKED)?", "", statement), parameters


def look_then_take(
    session: Session,
    run_id: int,
    quantity: int,
    after: CopyState,
    *,
    hold: int | None = None,
    line: int | None = None,
    pause: float = 0.005,
) -> list[tuple[int, int]]:
    """In place of `claims._claim`: the copies that look free, taken a little later whoever has them by then."""
    free = select(Copy.number, Copy.id).where(Copy.run_id == run_id, Copy.state == CopyState.AVAILABLE)
    found = [(number or 0, id_) for number, id_ in session.execute(free.order_by(Copy.number).limit(quantity))]
    time.sleep(pause)  # so that another one may look meanwhile: what the missing guard allows
    move(session, [id_ for _, id_ in found], after, hold, line)
    return found


def move(session: Session, ids: list[int], after: CopyState, hold: int | None, line: int | None) -> None:
    """Give these copies to somebody, whoever has them."""
    taken = update(Copy).where(Copy.id.in_(ids)).values(state=after, hold_id=hold, order_line_id=line)
    session.execute(taken.execution_options(synchronize_session=False))

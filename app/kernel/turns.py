"""SQLite's writers take turns: one after the other in one open transaction while others wait, and a single commit for all of them.

A commit costs a sync of the disk. Whoever leaves while somebody waits leaves the transaction open to the next one, who works in
a savepoint; the last in line, or the first after a fiftieth of a second, commits. Nobody goes on before that has happened.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.fairness import FairLock
from app.kernel.neighbours import Door
from app.kernel.ready import CONNECTION

LONGEST = 0.02  # seconds that one transaction may stay open for others to join


class Round:
    """One open transaction, and what became of it."""

    def __init__(self, head: Session) -> None:
        self._head, self._began = head, time.monotonic()
        self._connection = head.connection()
        self._over = threading.Event()
        self._fault: BaseException | None = None

    @property
    def may_grow(self) -> bool:
        """May one more join?"""
        return time.monotonic() - self._began < LONGEST

    @contextmanager
    def joined(self) -> Iterator[Session]:
        """A session in a savepoint of its own."""
        session = Session(self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        try:
            session.info[CONNECTION] = session.connection()
            yield session
            session.commit()
        finally:
            with suppress(SQLAlchemyError):  # there is no savepoint any more when all of it is lost
                session.close()

    @property
    def is_lost(self) -> bool:
        """Has SQLite rolled all of it back by itself, as it does when the disk is full or fails?"""
        return not self._connection.connection.dbapi_connection.in_transaction  # type: ignore[union-attr]  # SQLite's has it

    def end(self, fault: BaseException | None = None) -> None:
        """Commit for all, or tell all that it came to nothing."""
        try:
            if fault is None:
                self._head.commit()
        except BaseException as refused:
            fault = refused
            with suppress(SQLAlchemyError):
                self._head.rollback()
        self._fault = fault
        self._over.set()

    def wait(self) -> None:
        """Until it is committed; raises what came in the way."""
        self._over.wait()
        if self._fault is not None:
            raise self._fault


class Freely:
    """No turns: each writer has a connection and commits alone, in a `place` of its own."""

    def __init__(self, sessions: sessionmaker[Session], place: AbstractContextManager[object] | None = None) -> None:
        self._sessions, self._place = sessions, place or nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed when the block is over."""
        with self._place, self._sessions() as session:
            session.info[CONNECTION] = session.connection(execution_options={"runout_writes": True})
            yield session
            session.commit()


class Turns:
    """The queue of one process's writers, at a door that they share with those of others."""

    def __init__(self, sessions: sessionmaker[Session], door: Door) -> None:
        self._sessions, self.line, self._door = sessions, FairLock(), door
        self._open: Round | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed when the block is over; raises Stuck when the queue does not move."""
        self.line.__enter__()
        if self._open is None:
            yield from self._alone()
        else:
            yield from self._together(self._open)

    def _alone(self) -> Iterator[Session]:
        self._door.enter()
        with self._sessions() as session:
            try:
                session.info[CONNECTION] = session.connection(execution_options={"runout_writes": True})
                yield session
                session.flush()
            except BaseException:
                session.close()
                self._out()
                raise
            self._leave(Round(session))

    def _together(self, round_: Round) -> Iterator[Session]:
        try:
            with round_.joined() as session:
                yield session
        except BaseException as fault:
            self._leave(round_, fault)
            raise
        self._leave(round_)

    def _leave(self, round_: Round, mine: BaseException | None = None) -> None:
        """Hand the open transaction on, or end it; who failed alone does not wait for the others."""
        lost = mine is not None and round_.is_lost
        self._open = None if lost else round_
        if not lost and round_.may_grow and self.line.hand_over():
            if mine is None:
                round_.wait()
            return
        self._open = None
        round_.end(mine if lost else None)
        self._out()
        if mine is None:
            round_.wait()

    def _out(self) -> None:
        self._door.leave()
        self.line.__exit__(None, None, None)

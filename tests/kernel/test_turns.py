"""SQLite's writers share a commit while others wait; who fails fails alone, and a commit that fails fails all."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.kernel import turns
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import Unavailable
from app.kernel.heartbeat import Heartbeat
from tests.cast import NOW


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the transaction stays open for whoever waits."""
    monkeypatch.setattr(turns, "LONGEST", 60.0)


def write(name: str) -> Callable[[Session], None]:
    """A writer of one row."""
    return lambda session: session.add(Heartbeat(name=name, at=NOW))


def fail(session: Session) -> None:
    """A writer who breaks a rule, after a row that must not stay."""
    session.add(Heartbeat(name="broken", at=NOW))
    session.flush()
    session.execute(text("INSERT INTO drop_runs (drop_id, run_id, position) VALUES (77, 77, 1)"))


def together(db: Database, *deeds: Callable[[Session], None]) -> list[BaseException | None]:
    """All of them, one waiting behind the other while the first is inside; what each was told."""
    inside, go_on = threading.Event(), threading.Event()

    def first(session: Session) -> None:
        inside.set()
        assert go_on.wait(20)
        deeds[0](session)

    def do(deed: Callable[[Session], None]) -> None:
        with transaction(db) as session:
            deed(session)

    with ThreadPoolExecutor(len(deeds)) as crowd:
        told: list[Future[Any]] = [crowd.submit(do, first)]
        assert inside.wait(20)
        for n, deed in enumerate(deeds[1:], 1):
            told.append(crowd.submit(do, deed))
            while len(db._turns.line._waiting) < n:  # type: ignore[union-attr]  # SQLite's turns have a line
                pass
        go_on.set()
        return [each.exception(20) for each in told]


def names(db: Database) -> list[str]:
    """What is there."""
    with reading(db) as session:
        return list(session.scalars(select(Heartbeat.name).order_by(Heartbeat.name)))


@pytest.fixture
def commits(sqlite_db: Database) -> list[int]:
    """Grows by one at each commit."""
    seen: list[int] = []
    event.listen(sqlite_db.engine, "commit", lambda _connection: seen.append(1))
    return seen


def test_many_writers_one_commit(sqlite_db: Database, commits: list[int]) -> None:
    assert together(sqlite_db, *(write(name) for name in "abcdef")) == [None] * 6
    assert names(sqlite_db) == list("abcdef")
    assert len(commits) == 1


def test_alone_each_commits(sqlite_db: Database, commits: list[int]) -> None:
    for name in "ab":
        with transaction(sqlite_db) as session:
            write(name)(session)
    assert (names(sqlite_db), len(commits)) == (["a", "b"], 2)


def test_a_transaction_does_not_stay_open_for_ever(
    sqlite_db: Database, commits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0.0)
    assert together(sqlite_db, *(write(name) for name in "abc")) == [None] * 3
    assert len(commits) == 3


@pytest.mark.parametrize("at", [0, 1, 2])
def test_who_fails_fails_alone(sqlite_db: Database, at: int) -> None:
    deeds = [write("a"), write("b")]
    told = together(sqlite_db, *deeds[:at], fail, *deeds[at:])
    assert [type(each) for each in told] == [type(None)] * at + [IntegrityError] + [type(None)] * (2 - at)
    assert names(sqlite_db) == ["a", "b"]


def test_when_the_commit_fails_all_are_told(sqlite_db: Database) -> None:
    def refuse(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(sqlite_db.engine, "commit", refuse)
    try:
        told = together(sqlite_db, write("a"), write("b"), write("c"))
    finally:
        event.remove(sqlite_db.engine, "commit", refuse)
    assert [type(each) for each in told] == [Unavailable] * 3
    assert names(sqlite_db) == []
    with transaction(sqlite_db) as session:  # and the next one may
        write("d")(session)
    assert names(sqlite_db) == ["d"]


def test_when_sqlite_has_rolled_everything_back_all_are_told(sqlite_db: Database) -> None:
    def lose(session: Session) -> None:
        session.connection().exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    told = together(sqlite_db, write("a"), lose, write("c"))
    assert [type(each) for each in told[:2]] == [Unavailable, Unavailable]
    assert told[2] is None, "who came after it began anew"
    assert names(sqlite_db) == ["c"]

"""Several processes that write into one SQLite file take turns: who writes without a pause does not keep the others waiting."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.kernel import neighbours
from app.kernel.db import Database, reading, transaction
from app.kernel.heartbeat import Heartbeat
from app.kernel.neighbours import Door
from tests.cast import NOW
from tests.programs import ROOT

BUSY = """
import sys, time
from sqlalchemy import text
from app.kernel.db import connect, transaction
db = connect(sys.argv[1])
print("begun", flush=True)
while True:
    with transaction(db) as session:
        session.execute(text("UPDATE heartbeats SET name = CAST(CAST(name AS INTEGER) + 1 AS TEXT)"))
        time.sleep(0.004)
"""
INSIDE = """
import sys, time
from app.kernel.neighbours import Door
Door(sys.argv[1]).enter()
print("inside", flush=True)
time.sleep(60)
"""
WRITES = 15


@contextmanager
def busy_neighbour(db: Database) -> Iterator[None]:
    """Another process that writes again as soon as it has written; the row's name says how often it has."""
    with transaction(db) as session:
        session.add(Heartbeat(name="0", at=NOW))
    words = [sys.executable, "-c", BUSY, str(db.engine.url)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            yield
        finally:
            process.kill()


def test_a_busy_neighbour_goes_first_once_or_twice(sqlite_db: Database) -> None:
    overtaken = writes = 0
    until = time.monotonic() + 30
    with busy_neighbour(sqlite_db):
        while writes < WRITES or (not overtaken and time.monotonic() < until):  # where much else goes on it may stand still
            before, writes = _written(sqlite_db), writes + 1
            with transaction(sqlite_db) as session:
                overtaken += int(session.scalar(text("SELECT name FROM heartbeats"))) - before
    assert 0 < overtaken <= 3 * writes


def test_a_file_that_was_deleted_is_made_again(sqlite_db: Database) -> None:
    with transaction(sqlite_db) as session:
        session.add(Heartbeat(name="mine", at=NOW))
    (file := Path(f"{sqlite_db.engine.url.database}-turns")).unlink()
    with transaction(sqlite_db) as session:
        session.add(Heartbeat(name="yours", at=NOW))
        assert file.exists()
        assert not _free_for_others(sqlite_db)
    assert _free_for_others(sqlite_db)


def test_a_neighbour_that_dies_inside_leaves_the_door_open(sqlite_db: Database) -> None:
    with busy_neighbour(sqlite_db):
        while _written(sqlite_db) < 3:
            time.sleep(0.01)
    begun = time.monotonic()
    with transaction(sqlite_db) as session:
        session.add(Heartbeat(name="mine", at=NOW))
    assert time.monotonic() - begun < neighbours.PATIENCE


def test_a_neighbour_who_never_leaves_is_waited_for_so_long_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "PATIENCE", 0.05)
    (tmp_path / "x").touch()
    with subprocess.Popen([sys.executable, "-c", INSIDE, str(tmp_path / "x")], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        door, begun = Door(str(tmp_path / "x")), time.monotonic()
        door.enter()
        door.leave()
        process.kill()
    assert 0.05 <= time.monotonic() - begun < 5


def test_where_there_can_be_no_file_nobody_waits(tmp_path: Path) -> None:
    for place in (None, "", ":memory:", "file:x?mode=ro&uri=true", str(tmp_path / "gone" / "x")):
        door = Door(place)
        door.enter()
        door.leave()
    assert list(tmp_path.iterdir()) == []


def test_who_fails_leaves_the_door_as_well(sqlite_db: Database) -> None:
    with pytest.raises(ZeroDivisionError), transaction(sqlite_db):
        raise ZeroDivisionError
    with pytest.raises(OperationalError), transaction(sqlite_db) as session:
        session.execute(text("nonsense"))
    assert _free_for_others(sqlite_db)


def _free_for_others(db: Database) -> bool:
    """Asked in another process, as a lock is the whole process's."""
    look = f"import fcntl; fcntl.lockf(open({str(db.engine.url.database) + '-turns'!r}, 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    return subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


def _written(db: Database) -> int:
    with reading(db) as session:
        return int(session.scalar(text("SELECT name FROM heartbeats")) or 0)

"""The throw-away PostgreSQL: starts, copies a template, survives a kill when durable, and leaves nothing behind."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres import NoPostgres, TempPostgres, find_binaries
from tests.programs import ROOT, environment

STARTS_ONE = """
from tests.postgres import TempPostgres
pg = TempPostgres()
pg.start()
print(pg.socket, flush=True)
input()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[TempPostgres]:
    with TempPostgres(durable=True) as pg:
        yield pg


def _ask(url: str, statement: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_a_database_is_a_copy_of_its_template(server: TempPostgres) -> None:
    origin = server.create_database("origin")
    _ask(origin, "CREATE TABLE songs AS SELECT 7 AS bars")
    copy = server.create_database("copy", template="origin")
    _ask(origin, "UPDATE songs SET bars = 8")
    assert _ask(copy, "SELECT bars FROM songs") == (7,)
    server.remove_database("copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        _ask(copy, "SELECT 1")


def test_it_listens_on_its_socket_alone(server: TempPostgres) -> None:
    assert _ask(server.url(), "SHOW listen_addresses") == ("",)
    assert _ask(server.url(), "SHOW fsync") == ("on",)


def test_what_was_committed_is_there_after_a_kill(server: TempPostgres) -> None:
    url = server.create_database("kept")
    _ask(url, "CREATE TABLE songs AS SELECT 7 AS bars")
    server.kill()
    server.restart()
    assert _ask(url, "SELECT bars FROM songs") == (7,)


def test_it_leaves_nothing_behind() -> None:
    pg = TempPostgres()
    pg.start()
    base = pg.socket.parent
    assert base.exists()
    pg.stop()
    assert not base.exists()


def test_it_ends_with_the_process_that_started_it() -> None:
    words = [sys.executable, "-c", STARTS_ONE]
    with subprocess.Popen(
        words, cwd=ROOT, env=environment({}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        socket = Path(starter.stdout.readline().strip())
        lock = socket.parent / "data" / "postmaster.pid"
        server = Path("/proc") / lock.read_text().splitlines()[0]
        assert server.exists()
        starter.kill()
    end = time.monotonic() + 10
    while server.exists():
        assert time.monotonic() < end, "the server outlived whoever started it"
        time.sleep(0.02)
    shutil.rmtree(socket.parent)


def test_a_named_folder_without_binaries_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEST_PG_BIN", str(tmp_path))
    with pytest.raises(NoPostgres, match="holds no initdb"):
        find_binaries()

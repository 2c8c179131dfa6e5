"""PostgreSQL that goes away: its connections, the whole server, the line to it, the room in it; and rows locked crosswise."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from faults.history import clock
from faults.proxy import Proxy
from faults.rig import Rig
from faults.stage import Figures, Stage
from tests.postgres import TempPostgres

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


class ProxiedRig(Rig):
    """The shop reaches its database by TCP, over a line that can go dead; whoever looks from here uses the socket."""

    def __enter__(self) -> "ProxiedRig":
        self.proxy = Proxy(server(self).socket / ".s.PGSQL.5432").start()
        self.more["DATABASE_URL"] = self.database_url.replace("@/", f"@127.0.0.1:{self.proxy.port}/").partition("?")[0]
        super().__enter__()
        return self

    def stop(self) -> None:
        """End everything."""
        super().stop()
        self.proxy.stop()


def cut_connections(stage: Stage) -> Figures:
    """F05: every connection of the shop is terminated every 0.3 s."""
    cuts = 0
    with stage.load(), _admin(stage) as admin:
        for _ in stage.every(0.3, during=12):
            cuts += _one(admin, f"SELECT count(pg_terminate_backend(pid)) {OTHERS}")
        stage.until_success()
    stage.check(cuts > 0, "no connection was cut")
    stage.repeats += cuts  # a letter was sent, and nobody could note it
    return {"connections cut": cuts, "p99 of a take": round(stage.history.percentile(0.99, "take"), 2)}


def stopped_server(stage: Stage) -> Figures:
    """F06: the server dies without a word, is away for three seconds and comes back."""
    away = []
    with stage.load():
        for _ in range(2):
            stage.until_success()
            time.sleep(stage.seconds(2))
            begun = clock()
            server(stage.rig).kill()
            time.sleep(3)
            server(stage.rig).restart()
            stage.could_not_note()
            back = clock()
            stage.until_success()
            away.append((back - begun, clock() - back))
    return {"away": round(max(a for a, _ in away), 1), "first success after it was back": round(max(b for _, b in away), 2)}


def black_hole(stage: Stage) -> Figures:
    """F07: for four seconds nothing passes between shop and server, and no connection is closed."""
    assert isinstance(stage.rig, ProxiedRig)  # noqa: S101 - the table says so
    gaps = []
    with stage.load():
        for _ in range(2):
            stage.until_success()
            time.sleep(stage.seconds(2))
            stage.rig.proxy.stall()
            time.sleep(4)
            stage.rig.proxy.resume()
            stage.could_not_note()
            gaps.append(stage.until_success())
    return {"fault": 4.0, "first success after it": round(max(gaps), 2), "longest answer": round(stage.history.longest(), 1)}


def no_room(stage: Stage) -> Figures:
    """F09: idle sessions have eaten every connection that the server takes, and the shop's own were closed."""
    eaten: list[psycopg.Connection[Any]] = []
    with stage.load():
        stage.until_success()
        with _admin(stage) as admin:
            stage.repeats += _one(admin, f"SELECT count(pg_terminate_backend(pid)) {OTHERS}")
            _eat(stage, eaten)
            time.sleep(stage.seconds(6))
        for each in eaten:
            each.close()
        back = stage.until_success()
    stage.check(len(eaten) > 10, f"only {len(eaten)} connections could be eaten")
    busy = stage.history.statuses()[503]
    return {
        "eaten": len(eaten),
        "503": busy,
        "first success after": round(back, 2),
        "longest answer": round(stage.history.longest(), 1),
    }


def crosswise(stage: Stage) -> Figures:
    """F10: fans take two runs in either sequence, while somebody locks attempts and holds in the wrong sequence."""
    with _admin(stage) as admin:
        before, ended = _one(admin, DEADLOCKS), threading.Event()
        rivals = [threading.Thread(target=_lock_wrongly, args=(stage, ended, n)) for n in range(3)]
        with stage.load(runs=2):
            for rival in rivals:
                rival.start()
            stage.until(lambda: _one(admin, DEADLOCKS) - before >= 5, least=10, most=40)
            ended.set()
            for rival in rivals:
                rival.join()
        deadlocks = _one(admin, DEADLOCKS) - before
    stage.check(deadlocks > 0, "nobody got into a deadlock, so nothing was shown")
    return {"deadlocks": deadlocks, "503": stage.history.statuses()[503]}


def _lock_wrongly(stage: Stage, ended: threading.Event, seed: int) -> None:
    """Lock an attempt, then the hold that it belongs to; the shop goes the other way round."""
    with _admin(stage, autocommit=False) as rival:
        while not ended.wait(0.01):
            with suppress(psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable), rival.transaction():
                found = rival.execute(
                    "SELECT id, hold_id FROM checkout_attempts WHERE state IN ('wanted', 'open', 'unknown') ORDER BY id DESC"
                    " OFFSET %s LIMIT 1 FOR UPDATE", [seed],
                ).fetchone()  # fmt: skip
                if found:
                    time.sleep(0.3)  # somebody in the shop has the hold now and waits for the attempt
                    rival.execute("SELECT id FROM holds WHERE id = %s FOR UPDATE", [found[1]])


def server(rig: Rig) -> TempPostgres:
    """The server behind a rig."""
    assert rig.server is not None  # noqa: S101 - the table says so
    return rig.server


@contextmanager
def _admin(stage: Stage, *, autocommit: bool = True) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(stage.rig.database_url.replace("+psycopg", ""), autocommit=autocommit) as connection:
        yield connection


def _eat(stage: Stage, eaten: list[psycopg.Connection[Any]]) -> None:
    """Open idle sessions until the server takes no more."""
    with suppress(psycopg.OperationalError):
        while len(eaten) < 500:
            eaten.append(psycopg.connect(stage.rig.database_url.replace("+psycopg", "")))


def _one(connection: psycopg.Connection[Any], sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0

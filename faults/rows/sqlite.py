"""SQLite's own troubles: a writer that will not let go, a full disk, a disk that fails, is slow, or may not be written to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from app.kernel.db import connect
from faults.disks import BadDiskRig, SmallDiskRig
from faults.history import clock
from faults.stage import Figures, Stage


def held_lock(stage: Stage) -> Figures:
    """F11: another process holds the write lock for eight seconds; reading goes on, writing is told to come back."""
    with stage.load() as load, _looking(stage, f"/drops/{load.market.stalls[0].drop}") as looks:
        stage.until_success()
        begun = clock()
        with _direct(stage) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(8)
            connection.execute("ROLLBACK")
        stage.could_not_note()
        during = [took for at, took, status in looks if at > begun and at + took < clock() and status == 200]
        back = stage.until_success()
    stage.check(during != [], "no page could be read while the lock was held")
    busy = stage.history.statuses()[503]
    return {
        "pages read meanwhile": len(during), "slowest": round(max(during, default=0.0), 2), "503": busy,
        "first success after": round(back, 2), "longest answer": round(stage.history.longest(), 1),
    }  # fmt: skip


def full_disk(stage: Stage) -> Figures:
    """F12: no room for a single page; 503, nothing is damaged, and it goes on by itself once there is room."""
    rig = stage.rig
    assert isinstance(rig, SmallDiskRig)  # noqa: S101 - the table says so
    with stage.load():
        stage.until_success()
        time.sleep(stage.seconds(3))
        begun, before = clock(), stage.history.statuses()[503]
        while stage.history.statuses()[503] - before < 5 and clock() - begun < 30:
            rig.fill()
            with suppress(Exception), _direct(stage) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # no room left in the log that is there already
            time.sleep(0.3)
        busy = stage.history.statuses()[503] - before
        rig.empty()
        stage.could_not_note()
        back = stage.until_success()
    stage.check(busy > 0, "nobody met the full disk")
    stage.check(_is_whole(stage), "the database is damaged")
    how = "small tmpfs" if rig.mounted else "max_page_count, as mounting needs root"
    return {"how": how, "503": busy, "first success after": round(back, 2)}


def failing_disk(stage: Stage) -> Figures:
    """F13: syncs and writes fail with EIO; then all is stopped, the log is taken away, and the file may not be written to."""
    rig = stage.rig
    assert isinstance(rig, BadDiskRig)  # noqa: S101 - the table says so
    met = rig.shim.hits
    with stage.load():
        stage.until_success()
        for fault in ({"eio_sync_every": 7}, {"eio_write_every": 60}, {"eio_sync_every": 1}):
            rig.shim.set(**fault)
            time.sleep(stage.seconds(3))
            rig.shim.heal()
            stage.could_not_note()
            back = stage.until_success()
    failed = rig.shim.hits - met
    stage.check(failed > 0, "no write and no sync has failed")
    stage.check(_is_whole(stage), "the database is damaged")
    rig.stop_shop()
    rig.db.engine.dispose()
    for part in ("-wal", "-shm"):  # a clean end has put everything into the file
        Path(f"{rig.db.engine.url.database}{part}").unlink(missing_ok=True)
    return {"EIO": failed, "first success after": round(back, 2), "refused to open for writing": _read_only(stage, rig)}


def slow_syncs(stage: Stage) -> Figures:
    """F23: each sync takes 100 ms longer; writers queue up, and nobody is turned away with a fault."""
    rig = stage.rig
    assert isinstance(rig, BadDiskRig)  # noqa: S101 - the table says so
    rig.shim.set(delay_ms=100)
    before, begun = rig.shim.hits, clock()
    with stage.load() as load:
        stage.until(lambda: load.ended >= 15, least=10, most=60)
        took = clock() - begun
    rig.shim.heal()
    stage.check(rig.shim.hits > before, "no sync was slow")
    takes = len(stage.history.takes)
    return {"takes a second": round(takes / took, 1), "p99 of a take": round(stage.history.percentile(0.99, "take"), 2)}


def _read_only(stage: Stage, rig: BadDiskRig) -> int:
    """Start while nobody may open the database for writing, as after a restore by root: no false yes and no 500."""
    rig.shim.set(read_only=1)
    before = rig.shim.hits
    rig.programs.start("shop", rig.serving(), rig.env)
    with suppress(AssertionError):  # it may refuse to start, too
        rig.programs.until(rig.answers, "the shop", 30)
        with stage.load(threads=2):
            time.sleep(stage.seconds(3))
    rig.shim.heal()
    stage.could_not_note()
    rig.stop_shop()
    rig.serve()
    return rig.shim.hits - before


@contextmanager
def _direct(stage: Stage) -> Iterator[Any]:
    """The driver's own connection to the same file, which begins nothing by itself."""
    database = connect(stage.rig.database_url, pool_size=1)
    connection = database.engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()
        database.engine.dispose()


@contextmanager
def _looking(stage: Stage, path: str) -> Iterator[list[tuple[float, float, int]]]:
    """Somebody who only looks, all the time: when, how long, and the status."""
    looks: list[tuple[float, float, int]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            at = clock()
            with suppress(requests.RequestException):
                status = requests.get(f"{stage.rig.url}{path}", timeout=30).status_code
                looks.append((at, clock() - at, status))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        ended.set()
        thread.join()


def _is_whole(stage: Stage) -> bool:
    with _direct(stage) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")

"""F14: the current goes off at any moment of a sale; what is on the disk then must be sound and hold all that was acknowledged."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.invariants import offenders
from app.kernel.db import connect, reading
from faults.replay import WRITE, Disk, Step, read_log
from faults.shim import NoCompiler, Shim
from faults.stage import Bench, Figures, NotRun
from tests.cast import NOW
from tests.databases import migrate, quick_folder
from tests.programs import environment

COPIES, IMAGES, CONTROL_IMAGES = 40, 600, 100
ASK = {
    "hold": "SELECT count(*) FROM holds h JOIN stock_movements m ON m.hold_id = h.id WHERE h.id = :id AND h.fan = :word",
    "order": "SELECT count(*) FROM orders WHERE id = :id AND fan = :word",
    "captured": "SELECT count(*) FROM payments WHERE id = :id AND intent_id = :word AND state = 'captured'",
}
EVERY = 10  # images of which one is read for all invariants, too


@dataclass
class Found:
    """What the images of one way to write looked like."""

    images: int = 0
    corrupt: int = 0
    lost: int = 0
    broken: int = 0
    audited: int = 0

    def __str__(self) -> str:
        return f"{self.images} images, {self.corrupt} corrupt, {self.lost} acknowledged and lost, {self.broken} broke an invariant"


def power_cut(bench: Bench) -> Figures:
    """The shop's own setting must lose nothing; with the syncs left out the same replay must find corruption."""
    full = replayed(bench, "FULL", bench.count(IMAGES))
    bench.check(full.images > 0 and not full.corrupt and not full.lost and not full.broken, f"synchronous=FULL: {full}")
    off = replayed(bench, "OFF", bench.count(CONTROL_IMAGES))
    bench.check(off.corrupt > 0, f"without syncs nothing was corrupt, so this replay sees nothing: {off}")
    return {"FULL": str(full), "invariants read on": full.audited, "control OFF": str(off)}


def replayed(bench: Bench, synchronous: str, images: int) -> Found:
    """Record a sale, cut the current so many times, and look at what is there."""
    folder = bench.folder / f"power-{synchronous.lower()}"
    steps, begin = _record(folder, synchronous, bench.count(COPIES))
    found = Found()
    place = quick_folder("power")
    try:
        for image, acks in _cuts(steps, begin, images, bench.random):
            _look(place, image, acks, found)
    finally:
        shutil.rmtree(place)
    return found


def _record(folder: Path, synchronous: str, copies: int) -> tuple[list[Step], dict[str, bytes]]:
    """A sale, written down; and the files as they were before."""
    data = folder / "data"
    data.mkdir(parents=True)
    db = connect(f"sqlite:///{data / 'shop.db'}", pool_size=1)
    migrate(db.engine)
    db.engine.dispose()
    begin = {file.name: file.read_bytes() for file in data.iterdir()}
    try:
        shim = Shim(folder, data, log=folder / "log")
    except NoCompiler as missing:
        raise NotRun(str(missing)) from missing
    words = [sys.executable, "-m", "faults.writer", str(data), str(copies), synchronous]
    env = environment({"PYTHONDONTWRITEBYTECODE": "1"}) | shim.env
    done = subprocess.run(words, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]  # noqa: S101 - without a story there is nothing to cut
    return read_log(folder / "log"), begin


def _cuts(steps: list[Step], begin: dict[str, bytes], images: int, random: Random) -> Iterator[tuple[dict[str, bytes], list[str]]]:
    """Images at moments spread over the whole story, each with the deeds that had been acknowledged before."""
    disk, acks = Disk(), ""
    for name, content in begin.items():
        disk.durable[name] = bytearray(content)
    moments = sorted(random.choices(range(len(steps)), k=images))
    for at, step in enumerate(steps):
        if step.name == "acks" and step.op == WRITE:
            acks += step.data.decode()
        elif step.name.endswith(("shop.db", "shop.db-wal", "shop.db-journal")):
            disk.do(step)
        while moments and moments[0] == at:
            moments.pop(0)
            yield disk.cut(random), acks.splitlines()


def _look(place: Path, image: dict[str, bytes], acks: list[str], found: Found) -> None:
    """Open what is there as the shop would after the current is back."""
    for old in place.iterdir():
        old.unlink()
    for name, content in image.items():
        (place / name).write_bytes(content)
    found.images += 1
    db = connect(f"sqlite:///{place / 'shop.db'}", pool_size=1)
    try:
        with reading(db) as session:
            if session.scalar(text("PRAGMA integrity_check")) != "ok" or session.execute(text("PRAGMA foreign_key_check")).all():
                found.corrupt += 1
                return
            asked = ((ASK[kind], {"id": int(id_), "word": word}) for kind, id_, word in map(str.split, acks))
            found.lost += sum(not session.scalar(text(sql), binds) for sql, binds in asked)
            if found.images % EVERY == 0:
                found.audited += 1
                found.broken += bool(offenders(session, NOW))
    except DBAPIError:  # it makes no sense to the database
        found.corrupt += 1
    finally:
        db.engine.dispose()

"""Takes on SQLite where a disk is slow to sync, as rented ones are: the shop's beside the claim that commits for itself alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.claim_floor import Books
from bench.fans import Ask, Fans
from bench.figures import round_of
from bench.rig import SQLITE, Shop, serving
from bench.say import say
from bench.stand import make_stall, post, take
from faults.shim import Shim

DELAY_MS = 8
CONNS = 32
ROOM = 4000
NETWORKS = 40 * CONNS


@dataclass(frozen=True)
class Slow:
    """Takes and claims a second, with the delay and without."""

    delay_ms: int
    slow: float
    floor_slow: float
    fast: float
    floor_fast: float
    wrong: int


@contextmanager
def slow_shop(home: Path) -> Iterator[tuple[Shop, Shim]]:
    """A shop whose database lies on a disk that can be slowed; raises NoCompiler."""
    folder = home / "sqlite-slow"
    disk = folder / "disk"
    disk.mkdir(parents=True)
    shim = Shim(folder, disk)
    with Shop(folder, SQLITE, f"sqlite:///{disk.resolve() / 'runout.db'}", more=shim.env) as rig:
        assert isinstance(rig, Shop)  # noqa: S101 - narrows what the rig's own block gives
        yield rig, shim


def takes_on(rig: Shop, shim: Shim, fans: Fans, seconds: float) -> Slow:
    """A round of each, with the delay and without."""
    say(f"{rig.kind}: takes when each fsync costs {DELAY_MS} ms more")
    stalls = [make_stall(rig.db, rig.now(), ROOM) for _ in range(2)]
    url = rig.database_url.replace("runout.db", "floor.db")
    books = Books(url, 1)
    books.prepare(2, ROOM)
    books.engine.dispose()
    rates, wrong = list[float](), 0  # the shop and its floor, with the delay; the same without
    with serving(rig, "claims", "bench.claim_floor:app", "/", {"DATABASE_URL": url, **shim.env}) as floor:
        for number, (delay, stall) in enumerate(zip((DELAY_MS, 0), stalls, strict=True)):
            shim.set(delay_ms=delay)
            own = [Ask(0, who % CONNS, take(rig.host, stall, who * 256)) for who in range(NETWORKS)]
            text = post(f"127.0.0.1:{floor.port}", f"/holds/claims/{number}", {"quantity": "1"})
            bare = [Ask(0, conn, text) for conn in range(CONNS)]
            for port, asks in ((int(rig.port), own), (floor.port, bare)):
                fans.race(port, asks[:CONNS], 0.3)
                came = round_of(fans.race(port, asks, seconds).answers, {303}, 0, 0, 0)
                rates.append(came.rate)
                wrong += came.wrong
    shim.heal()
    return Slow(DELAY_MS, rates[0], rates[1], rates[2], rates[3], wrong)

"""When SQLite should be left: the same drops at rising size on both databases, and takes while the worker settles payments."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import gates
from bench.drop import Played, Wanted, play
from bench.fans import Ask, Fans
from bench.orders import gone_to_pay, held_back, paid_for, released, taken
from bench.plan import K1, Kind
from bench.rates import CONNS, LOCATION, NETWORKS
from bench.report import Row, none_of
from bench.rig import POSTGRES, SQLITE, Shop
from bench.run import server_of, shop_of
from bench.say import say
from bench.stand import make_stall, take

SIZES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
TRIES = 2  # of each size: a machine has bad seconds
COPIES, PAYERS = 300, 60  # of a drop of the whole size
BEFORE = 1.0  # seconds of refreshers
ORDERS = 60  # that the worker settles while takes come
SECONDS = 2.0  # of takes


@dataclass
class Leaving:
    """What was found: the rows, the drops for the file, and the largest size whose limits each database has kept."""

    home: Path
    fans: Fans
    seed: str
    rows: list[Row] = field(default_factory=list)
    drops: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[str, float] = field(default_factory=dict)

    def all(self) -> None:
        """Both databases, a drop of the one and a drop of the other."""
        with ExitStack() as stack:
            server = stack.enter_context(server_of(POSTGRES))
            kinds = {SQLITE: None, POSTGRES: server}
            rigs = [stack.enter_context(shop_of(self.home, *each, "leaving", clocked=True)) for each in kinds.items()]
            for rig in rigs:
                self.rows.append(beside_worker(rig, self.fans))
            self._rise(rigs)
        row = Row("the largest drop whose limits were kept", "both")
        row.figures = {kind: f"k={self.kept[kind]:g}" if kind in self.kept else "none" for kind in (SQLITE, POSTGRES)}
        self.rows.append(row)

    def _rise(self, rigs: list[Shop]) -> None:
        on = list(rigs)
        for k in SIZES:
            on = [rig for rig in on if self._try(rig, k)]

    def _try(self, rig: Shop, k: float) -> bool:
        """A drop of this size, and again when a limit was missed; whether one was kept."""
        for number in range(TRIES):
            size = replace(K1.scaled(k), before=BEFORE)
            wanted = Wanted(
                f"drop k={k:g}", f"{self.seed}/{k}/{number}", size, max(1, round(COPIES * k)), round(PAYERS * k), again=False
            )
            played = play(rig, self.fans, wanted)
            good = keeps(played)
            self.rows.append(_row(played, good=good))
            self.drops.append(played.as_json())
            if good:
                self.kept[rig.kind] = k
                return True
        return False


def keeps(played: Played) -> bool:
    """Were the limits of a drop kept: 99 of 100 of all answers, 99 of 100 of the takes that were granted, and no error?"""
    first = played.first
    return (
        first.p(0.99, first.answers) <= gates.ANSWERED and first.p(0.99, first.granted) <= gates.BUSY_TAKES and not first.errors
    )  # fmt: skip


def _row(played: Played, *, good: bool) -> Row:
    first, granted = played.first, played.first.granted
    row = Row(played.wanted.name, played.database)
    row.figures = {
        "limits": "kept" if good else "missed",
        "fans": played.wanted.size.fans,
        "all held after s": first.held_after(played.copies),
        "takes answered at most per s": busiest([each.done for each in first.of(Kind.TAKE, Kind.BOT) if each.status != 429]),
        "p99 of every answer s": first.p(0.99, first.answers),
        "p99 of granted takes s": first.p(0.99, granted),
        "busy": sum(each.status == 429 for each in first.answers),
        "errors": len(first.errors),
        "server CPU s": played.server_cpu + played.database_cpu,
    }
    row.gates = [none_of("oversold", played.oversold)]
    return row


def busiest(moments: list[float]) -> int:
    """How many of these lie within the second that has most of them."""
    ranked = sorted(moments)
    first = most = 0
    for n, moment in enumerate(ranked):
        while ranked[first] <= moment - 1:
            first += 1
        most = max(most, n - first + 1)
    return most


def beside_worker(rig: Shop, fans: Fans) -> Row:
    """Takes a second while the worker rests, and while it settles payments as fast as it can."""
    say(f"{rig.kind}: takes while the worker rests, and while it settles {ORDERS} payments")
    _takes(rig, fans)  # to warm up
    alone = _takes(rig, fans)
    stall = make_stall(rig.db, rig.now(), ORDERS, hold_minutes=60)
    sessions = gone_to_pay(rig, fans, stall, taken(rig, fans, stall, ORDERS))
    with ThreadPoolExecutor(1) as pool, held_back(rig):
        paid_for(rig, sessions)
        orders = pool.submit(released, rig, stall, ORDERS)
        beside = _takes(rig, fans)
        settled = orders.result()
    row = Row("takes beside the worker", rig.kind)
    row.figures = {
        "takes per s, worker at rest": alone, "takes per s, worker settling": beside,
        "orders per s meanwhile": settled.rate, "settled in s": settled.seconds,
    }  # fmt: skip
    row.gates = [none_of("webhooks refused", settled.webhooks_refused)]
    return row


def _takes(rig: Shop, fans: Fans) -> float:
    """Each time somebody new, as fast as answers come; how many were granted a second."""
    stall = make_stall(rig.db, rig.now(), 4000)
    asks = [Ask(0, who % CONNS, take(rig.host, stall, who * 256), LOCATION) for who in range(NETWORKS)]
    begun = time.monotonic()
    came = fans.race(int(rig.port), asks, SECONDS)
    return sum(each.status == 303 for each in came.answers) / min(came.seconds, time.monotonic() - begun)

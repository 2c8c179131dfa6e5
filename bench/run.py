"""Runs the parts one after the other on each kind of database, and keeps the rows that came of them."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench import gates
from bench.drop import Played, Wanted, play
from bench.fans import Fans
from bench.orders import many_at_once
from bench.plan import K1
from bench.rates import Length, Rates
from bench.report import Gate, Row, at_most
from bench.rig import POSTGRES, SQLITE, Shop, start_seconds
from bench.say import say
from bench.slow import slow_shop, takes_on
from bench.whole import whole_drop, whole_floor
from tests.postgres import TempPostgres

UNHINDERED, WARMING = 1000, 20  # calls a second that Stripe takes when it is out of the way; orders of a shop that just opened
MOST_PAGES = 10_000  # a second: more than this the fans cannot ask for without being what is measured


@dataclass(frozen=True)
class Form:
    """How much of everything: the whole, or the short form."""

    length: Length
    k: float  # of the drop
    payers: int
    thinks: tuple[float, float]  # seconds of each, from and to
    crowd: float  # k of the drop that is too big
    before: tuple[float, float]  # seconds of refreshers, of both
    starts: int
    orders: int
    backlog: int  # 0: not played
    slow: float  # seconds of each round on the slow disk
    once: bool = False  # what concerns both kinds of database is played on one, and the whole drop without Stripe's limit alone


WHOLE = Form(Length(5, 0.9, 100), 1.0, 120, (5.0, 35.0), 4.0, (5.0, 2.0), 3, 150, 1000, 2.0)
SHORT = Form(Length(1, 0.5, 10), 0.33, 8, (2.0, 4.0), 1.5, (1.0, 1.0), 1, 20, 0, 0.5, once=True)


@dataclass
class Run:
    """What has been found so far; `more` goes into the file as it is."""

    home: Path
    seed: str
    form: Form
    rows: list[Row] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fans, self._floor_rate = Fans(self.home), float(MOST_PAGES)

    def all(self, kinds: tuple[str, ...]) -> None:
        """Every part, on each kind of database."""
        for kind in kinds:
            with server_of(kind) as server:
                self._kind(kind, server)

    def _kind(self, kind: str, server: TempPostgres | None) -> None:
        with shop_of(self.home, kind, server, "shop") as rig:
            if kind == SQLITE or not self.form.once:
                self._guarded(rig, self._start)
            self._guarded(rig, self._rates)
            rig.stop_shop()
            rig.clocked = True
            rig.serve()
            parts = [self._drop, self._crowd, self._orders]
            if self.form.once:
                parts.remove(self._crowd if kind == SQLITE else self._drop)
            for part in parts:
                self._guarded(rig, part)
            if kind == POSTGRES:
                self._guarded(rig, self._whole)
        if kind == SQLITE:
            self._slow_disk()

    def _guarded(self, rig: Shop, part: Callable[[Shop], None]) -> None:
        """A part that breaks is a row that failed, and says what the shop's programs have written; the others go on."""
        try:
            part(rig)
        except Exception as fault:
            name = part.__name__.strip("_")
            said = traceback.format_exc(limit=-3)
            say(f"{rig.kind}: {name} broke\n{said}\nThe shop's last words:\n{rig.said()[-4000:]}")
            self.rows.append(Row(name, rig.kind, gates=[Gate(f"broke: {type(fault).__name__}", good=False)]))
            self.more.setdefault("broke", []).append(said)

    def _start(self, rig: Shop) -> None:
        say(f"{rig.kind}: how long a web process takes to start")
        seconds = [start_seconds(rig) for _ in range(self.form.starts)]
        row = Row("start of a web process", rig.kind, figures={"s": median(seconds), "each": " ".join(f"{s:.2f}" for s in seconds)})
        row.gates.append(at_most("s", median(seconds), gates.START))
        self.rows.append(row)

    def _rates(self, rig: Shop) -> None:
        rates = Rates(rig, self.fans, self.form.length)
        steps = rates.run()
        counted = rates.counted()
        self.more.setdefault("steps", []).extend(step.as_json() for step in steps)
        self.rows += [gates.rated(step, counted.get(step.name)) for step in steps]
        self._floor_rate = next(step.middle("rate", floor=True) for step in steps if step.name == "page")

    def _drop(self, rig: Shop) -> None:
        form = self.form
        size = replace(K1.scaled(form.k), before=form.before[0])
        wanted = Wanted(f"drop k={form.k:g}", f"{self.seed}/{rig.kind}/1", size, payers=form.payers, thinks=form.thinks)
        self._keep(gates.dropped(played := play(rig, self.fans, wanted)), played)
        whole = rig.memory()
        row = Row(
            "memory after the drop",
            rig.kind,
            figures={"MB": whole, "web processes": rig.processes, "processes": len(rig.whole_tree())},
        )
        row.gates.append(at_most("MB (PSS)", whole, gates.MEMORY))
        self.rows.append(row)

    def _crowd(self, rig: Shop) -> None:
        k = self.form.crowd
        pages = min(round(2 * self._floor_rate), MOST_PAGES)
        capped = " (as many as the fans can)" if pages == MOST_PAGES else ""
        size = replace(K1.scaled(k), pages=pages, before=self.form.before[1])
        wanted = Wanted(
            f"drop k={k:g}, {pages:,} pages/s{capped}", f"{self.seed}/{rig.kind}/4", size, payers=0, again=False, tries=2
        )
        self._keep(gates.crowded(played := play(rig, self.fans, wanted)), played)

    def _orders(self, rig: Shop) -> None:
        self.rows.append(gates.settled(many_at_once(rig, self.fans, self.form.orders), rig.kind))
        if self.form.backlog and rig.kind == POSTGRES:  # to make a thousand payments takes a minute
            self.rows.append(gates.settled(many_at_once(rig, self.fans, self.form.backlog), rig.kind, backlog=True))

    def _whole(self, rig: Shop) -> None:
        deployed, floor = None if self.form.once else whole_drop(rig, self.fans), whole_floor(rig, self.fans)
        rig.stop_shop()
        with shop_of(self.home, rig.kind, rig.server, "unhindered", more={"STRIPE_PER_SECOND": str(UNHINDERED)}) as other:
            many_at_once(other, self.fans, WARMING)
            self.rows.append(gates.whole(whole_drop(other, self.fans), deployed, floor, rig.kind))

    def _slow_disk(self) -> None:
        with slow_shop(self.home) as (rig, shim):
            self._guarded(
                rig, lambda rig: self.rows.append(gates.slow_disk(takes_on(rig, shim, self.fans, self.form.slow), rig.kind))
            )

    def _keep(self, row: Row, played: Played) -> None:
        self.rows.append(row)
        self.more.setdefault("drops", []).append(played.as_json())


@contextmanager
def server_of(kind: str) -> Iterator[TempPostgres | None]:
    """A durable PostgreSQL where one is wanted."""
    if kind == SQLITE:
        yield None
        return
    say("postgres: bringing a server up, with fsync, synchronous_commit and full_page_writes on")
    with TempPostgres(durable=True, max_connections=120) as server:
        yield server


@contextmanager
def shop_of(home: Path, kind: str, server: TempPostgres | None, name: str, **more: Any) -> Iterator[Shop]:
    """A shop with an empty database, until the end of the block."""
    url = server.create_database(name) if server and kind == POSTGRES else None
    with Shop(home / f"{kind}-{name}", kind, url, server=server, **more) as rig:
        assert isinstance(rig, Shop)  # noqa: S101 - a context manager of the rigs below gives what it is
        yield rig

"""What a request costs as a shop grows: small and big shops side by side, a round of the one, a round of the other."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import gates
from bench.fans import Ask, Fans
from bench.growth_data import orders_of_the_past, past_drops, sell_out
from bench.people import sign_in
from bench.report import Row, at_most, none_of, shown
from bench.rig import POSTGRES, Shop
from bench.run import server_of, shop_of
from bench.say import say
from bench.stand import Stall, look, make_stall, take
from bench.statements import Request, count
from tests.postgres import TempPostgres

COPIES = (100, 1_000, 10_000)
DROPS = (10, 1_000)
PROCESSES = (1, 2, 4)
ROUNDS, SECONDS = 3, 1.0
CONNS, DESKS = 16, 4
TAKES = 3_000  # of one round
STEPS = ("page", "live", "take", "sold-out", "desk")


@dataclass
class Place:
    """A shop of one size: what is asked of it, by step and round, and what that has cost."""

    label: str
    rig: Shop
    asks: Mapping[str, Callable[[int], list[Ask]]]
    requests: list[Request]
    cost: dict[str, list[float]] = field(default_factory=dict)  # ms of CPU for each request, the database's included
    rates: dict[str, list[float]] = field(default_factory=dict)
    wrong: int = 0

    def round(self, fans: Fans, number: int) -> None:
        """Each step for a while."""
        for name, asks in self.asks.items():
            before = self.rig.web_cpu() + self.rig.database_cpu()
            answers = fans.race(int(self.rig.port), asks(number), SECONDS, cycle=name != "take").answers
            used = self.rig.web_cpu() + self.rig.database_cpu() - before
            good = {"take": 303, "sold-out": 409}.get(name, 200)
            right = sum(answer.status == good for answer in answers)
            self.wrong += len(answers) - right
            self.cost.setdefault(name, []).append(1000 * used / max(1, right))
            seconds = max(answer.done for answer in answers) - min(answer.planned for answer in answers)
            self.rates.setdefault(name, []).append(right / seconds)


@dataclass
class Growth:
    """All of it, on one kind of database after the other."""

    home: Path
    fans: Fans
    orders: tuple[int, int] = (1_000, 1_000_000)
    rows: list[Row] = field(default_factory=list)

    def all(self, kinds: tuple[str, ...]) -> None:
        """Every dimension."""
        for kind in kinds:
            with server_of(kind) as server:
                self._copies(kind, server)
                self._past(kind, server, "past drops", DROPS, past_drops)
                self._past(kind, server, "past orders", self.orders, orders_of_the_past)
                if kind == POSTGRES:
                    self._processes(server)

    def _copies(self, kind: str, server: TempPostgres | None) -> None:
        with shop_of(self.home, kind, server, "copies") as rig:
            say(f"{kind}: runs of {', '.join(map(shown, COPIES))} copies")
            self._compare("copies in the run", [place(rig, shown(copies), copies) for copies in COPIES])

    def _past(
        self, kind: str, server: TempPostgres | None, what: str, sizes: tuple[int, int], make: Callable[..., object]
    ) -> None:  # fmt: skip
        with ExitStack() as stack:
            places = []
            for size in sizes:
                say(f"{kind}: making {size:,} {what}")
                rig = stack.enter_context(shop_of(self.home, kind, server, f"{what.replace(' ', '_')}_{size}"))
                make(rig.db, rig.now(), size)
                rig.flush()
                places.append(place(rig, shown(size), 300))
            for each in places:
                each.rig.rest()
            self._compare(what, places)

    def _compare(self, what: str, places: list[Place]) -> None:
        for number in range(ROUNDS):
            for each in places:
                each.round(self.fans, number)
        counted = [count(each.rig, each.requests) for each in places]
        kind, small = places[0].rig.kind, places[0]
        for name in STEPS:
            row = Row(f"{name}: {' → '.join(each.label for each in places)} {what}", kind)
            row.figures["CPU ms"] = " → ".join(shown(median(each.cost[name])) for each in places)
            ratios = [median(a / b for a, b in zip(each.cost[name], small.cost[name], strict=True)) for each in places[1:]]
            row.gates.append(at_most("times the cost", max(ratios), gates.FLAT))
            if name in counted[0]:
                statements = [found[name].statements for found in counted]
                row.figures["SQL"] = " → ".join(map(str, statements))
                row.gates.append(at_most("times the SQL", max(statements) / max(1, statements[0]), gates.FLAT))
            self.rows.append(row)
        self.rows[-1].gates.append(none_of("wrong answers", sum(each.wrong for each in places)))

    def _processes(self, server: TempPostgres | None) -> None:
        with ExitStack() as stack:
            places = []
            for processes in PROCESSES:
                say(f"postgres: {processes} web processes")
                rig = stack.enter_context(shop_of(self.home, POSTGRES, server, f"web_{processes}", processes=processes))
                places.append(place(rig, str(processes), 300))
            for number in range(ROUNDS):
                for each in places:
                    each.round(self.fans, number)
            for each in places:
                row = Row(f"{each.label} web processes", POSTGRES, figures={f"{n} per s": median(each.rates[n]) for n in STEPS})
                row.figures["MB (PSS)"] = each.rig.memory()
                self.rows.append(row)


def place(rig: Shop, label: str, copies: int) -> Place:
    """A shop with drops of so many copies, one that is sold out, and somebody at the desk."""
    now, host = rig.now(), rig.host
    stall, gone = make_stall(rig.db, now, copies), make_stall(rig.db, now, copies)
    sell_out(rig.db, gone, now)
    sets = [[make_stall(rig.db, now, copies) for _ in range(-(-TAKES // copies))] for _ in range(ROUNDS)]
    with sign_in(rig) as sam:
        cookie = "; ".join(f"{name}={value}" for name, value in sam.cookies.items())
    page, desk = f"/drops/{stall.drop}", (("Cookie", cookie),)
    asks = {
        "page": lambda _: _same(look(host, page)),
        "live": lambda _: _same(look(host, f"{page}/live", json=True)),
        "take": lambda number: _takes(host, sets[number], copies),
        "sold-out": lambda _: _same(take(host, gone)),
        "desk": lambda _: _same(look(host, "/staff/orders", more=desk), DESKS),
    }
    form = {"quantity": "1"}
    requests = [
        Request("page", "GET", page),
        Request("live", "GET", f"{page}/live", accept="application/json"),
        Request("sold-out", "POST", f"/drops/{gone.drop}/holds", {**form, "run": gone.run}),
        Request("take", "POST", f"{page}/holds", {**form, "run": stall.run}),
        Request("desk", "GET", "/staff/orders", cookie=cookie),
    ]
    return Place(label, rig, asks, requests)


def _same(text: bytes, conns: int = CONNS) -> list[Ask]:
    return [Ask(0, conn, text) for conn in range(conns)]


def _takes(host: str, stalls: list[Stall], copies: int) -> list[Ask]:
    """One for each copy, by as many fans; a drop after the other, as fans come to one drop at a time."""
    texts = (take(host, stall, who * 256) for stall in stalls for who in range(min(copies, TAKES)))
    return [Ask(0, n % CONNS, text) for n, text in enumerate(texts)]

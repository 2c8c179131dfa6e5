"""The desk's lists in a shop that has sold for years: how many statements each page asks, and how long the slow answers take."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from app.catalogue.models import Run
from app.fulfilment.models import Parcel, ParcelState
from app.kernel.db import reading, transaction
from bench import gates
from bench.fans import Ask, Fans
from bench.figures import percentile
from bench.growth_data import orders_of_the_past
from bench.people import sign_in
from bench.report import Row, at_most, none_of
from bench.rig import Shop
from bench.run import server_of, shop_of
from bench.say import say
from bench.stand import look, make_stall
from bench.statements import Request, count
from faults.many import AGO
from tests.makers import make_maker, share

TIMES = 40  # that each page is asked for, one after the other, as one person does
WARM = 3  # of them that do not count
HERE = 300  # of the orders lie here, packed, as on a drop's morning after
SECONDS = 60.0  # at most, for one page
TODAY = "today"  # no list, but counts what lists hold
PAGES = {
    "orders": "/staff/orders",
    "orders, shipped": "/staff/orders?stage=shipped",
    "orders, typed number": "/staff/orders?q=99990",
    "orders, typed name": "/staff/orders?q=past-9999",
    "orders, typed in vain": "/staff/orders?q=nobody%20at%20all",
    "orders, waiting": "/staff/orders?stage=waiting",
    "orders, filtered": "/staff/orders?country=DE&fact=late&from=2020-01-01",
    "packing": "/staff/packing",
    "shipping": "/staff/packing/ship",
    TODAY: "/staff/",
    "search": "/staff/search?q=past-9999",
    "outbox": "/staff/outbox",
    "audit": "/staff/audit",
    "customers": "/staff/customers",
    "books": "/staff/books",
    "books, all of it": "/staff/books?{period}",
    "books, every line": "/staff/books/lines?{period}",
    "books, fees": "/staff/books/fees?{period}",
    "books, sell-through": "/staff/books/sell-through",
    "books, VAT": "/staff/books/vat?quarter={quarter}",
    "makers": "/staff/makers",
    "a maker": "/staff/makers/1?{period}",
    "drops": "/staff/drops",
    "releases": "/staff/releases",
    "stock": "/staff/runs/1/stock",
}


@dataclass
class Lists:
    """What has been found, a row for each page and kind of database."""

    home: Path
    fans: Fans
    orders: int = 100_000
    rows: list[Row] = field(default_factory=list)

    def all(self, kinds: tuple[str, ...]) -> None:
        """Every page on each kind of database."""
        for kind in kinds:
            with server_of(kind) as server, shop_of(self.home, kind, server, "lists") as rig:
                say(f"{kind}: making {self.orders:,} orders")
                orders_of_the_past(rig.db, rig.now(), self.orders)
                make_stall(rig.db, rig.now(), 100)
                _some_here(rig)
                _somebodys_share(rig)
                rig.flush()
                rig.rest()
                self.rows += self._measured(rig)

    def _measured(self, rig: Shop) -> Iterator[Row]:
        with sign_in(rig) as sam:
            cookie = "; ".join(f"{name}={value}" for name, value in sam.cookies.items())
        pages = _pages(rig.now())
        counted = count(rig, [Request(name, "GET", path, cookie=cookie) for name, path in pages.items()])
        for name, path in pages.items():
            text = look(rig.host, path, more=(("Cookie", cookie),))
            asked = self.fans.race(int(rig.port), [Ask(0, 0, text)] * TIMES, SECONDS, cycle=False).answers
            answers = sorted(asked, key=lambda answer: answer.done)
            took = [1000 * (answer.done - answer.sent) for answer in answers[WARM:]]
            row = Row(f"desk list: {name}", rig.kind, {"SQL": counted[name].statements})
            row.cells |= {"p50 ms": percentile(took, 0.5), "p95 ms": percentile(took, 0.95), "p99 ms": percentile(took, 0.99)}
            row.figures = {"orders": self.orders, "of them here": HERE}
            row.gates = [
                *([] if name == TODAY else [at_most("SQL", counted[name].statements, gates.LIST_STATEMENTS)]),
                at_most("p95", row.cells["p95 ms"], gates.LIST_MS, " ms"),
                none_of("wrong answers", sum(answer.status != 200 for answer in asked) + (counted[name].status != 200)),
            ]
            yield row


def _pages(now: datetime) -> dict[str, str]:
    """The addresses; periods are those in which all of the orders were placed, whatever day it is today."""
    sold = now - AGO
    period = f"from={sold - timedelta(days=300):%Y-%m-%d}&to={now:%Y-%m-%d}"
    quarter = f"{sold:%Y}-{(sold.month + 2) // 3}"
    return {name: path.format(period=period, quarter=quarter) for name, path in PAGES.items()}


def _somebodys_share(rig: Shop) -> None:
    """One maker gets half of every run."""
    maker = make_maker(rig.db)
    with reading(rig.db) as session:
        runs = session.scalars(select(Run.id)).all()
    for run_id in runs:
        share(rig.db, maker, 5000, run_id=run_id, day=(rig.now() - timedelta(days=300)).date())


def _some_here(rig: Shop) -> None:
    """The last orders have not left: half of them wait to be packed, half to be shipped."""
    with transaction(rig.db) as session:
        last = session.scalars(select(Parcel.id).order_by(Parcel.id.desc()).limit(HERE)).all()
        for ids, state in ((last[: HERE // 2], ParcelState.OPEN), (last[HERE // 2 :], ParcelState.PACKED)):
            session.execute(update(Parcel).where(Parcel.id.in_(ids)).values(state=state))

"""How fast is fast enough: the limits, and which row they hold for."""

from bench.drop import Played
from bench.figures import Step, percentile
from bench.orders import STRIPE_MS, Settled
from bench.report import Gate, Row, at_least, at_most, none_of, row_of, shown
from bench.slow import Slow
from bench.statements import Counted
from bench.whole import COPIES, WholeDrop, WholeFloor

PAGES = {"page": 0.75, "304": 0.9, "live": 0.75}  # of the same bytes, static
PAGE_CPU = 0.15  # ms
SOLD_OUT = 0.6
TAKE = 0.8  # of the smallest Flask and Core claim
TAKE_STATEMENTS = 6
SLOW_DISK = 3.0  # times the floor, when each fsync costs 8 ms more
WITHOUT_OBJECTS = ("page", "live", "sold-out", "take")
MEMORY, START = 300, 1.5  # MB, s
HELD, ANSWERED = 1.5, 1.5  # s until all are held; s for 99 of 100 answers
FALSE_SOLD_OUT = 0.5  # per cent
STAFF = 1.0  # s, p95
BUSY_TAKES, BUSY_PAGE = 3.0, 1.0  # s: p99 of granted takes, p95 of everybody else's answer, at four times the load
ORDERS, BACKLOG = 25, 60  # orders a second; s for a thousand
WHOLE, WHOLE_CPU = 4, 6  # times the floor's time; s of CPU
LIST_STATEMENTS, LIST_MS = 12, 300  # of a list at the desk, with 100,000 orders; ms, p95
FLAT, STEADY = 1.2, 1.05  # growth of cost, growth of memory


def rated(step: Step, counted: Counted | None) -> Row:
    """A step with a rate, and its gates."""
    if counted is not None:
        step.statements, step.objects = counted.statements, counted.objects
    row = row_of(step)
    if step.name in PAGES:
        row.gates += [at_least("ratio", step.ratio or 0, PAGES[step.name]), at_most("CPU", step.middle("cpu_ms"), PAGE_CPU, " ms")]
    if step.name == "sold-out":
        row.gates.append(at_least("ratio", step.ratio or 0, SOLD_OUT))
    if step.name == "take":
        row.gates.append(at_least("ratio", step.ratio or 0, TAKE))
        row.gates.append(at_most("SQL", step.statements if step.statements is not None else 99, TAKE_STATEMENTS))
    if counted is not None:
        row.figures |= {"SQL at once again": counted.warm_statements}
        row.gates += _objects(step.name, counted)
    row.gates.append(none_of("wrong answers", step.wrong))
    return row


def _objects(name: str, counted: Counted) -> list[Gate]:
    return [none_of("ORM objects", counted.objects)] if name in WITHOUT_OBJECTS else []


def dropped(played: Played) -> Row:
    """A drop at its usual size."""
    first, everybody = played.first, played.first.answers
    row = Row(played.wanted.name, played.database, figures=played.figures())
    row.gates += [
        at_most("all held after", first.held_after(played.copies), HELD, " s"),
        at_most("p99 of every answer", first.p(0.99, everybody), ANSWERED, " s"),
        at_most("desk p95", percentile(played.desk, 0.95), STAFF, " s"),
        *_right(played),
    ]
    return row


def crowded(played: Played) -> Row:
    """A drop with far more people than can be served."""
    first = played.first
    granted = first.granted
    told = {id(answer) for answer in granted}
    others = [answer for answer in first.answers if id(answer) not in told]
    row = Row(played.wanted.name, played.database, figures=played.figures())
    row.gates += [
        at_most("granted takes p99", first.p(0.99, granted), BUSY_TAKES, " s"),
        at_most("everybody else p95", first.p(0.95, others), BUSY_PAGE, " s"),
        none_of("busy without Retry-After", first.busy_without_hint()),
        *_right(played),
    ]
    return row


def _right(played: Played) -> list[Gate]:
    share = 100 * played.false_sold_out / max(1, played.refused)
    return [
        none_of("oversold", played.oversold),
        at_most("false sold-out", share, FALSE_SOLD_OUT, " %"),
        none_of("errors and resets", sum(len(story.errors) for story in played.stories)),
        none_of("faults of payers and desk", len(played.faults) + played.desk_wrong),
    ]


def settled(found: Settled, database: str, *, backlog: bool = False) -> Row:
    """Orders that came of webhooks."""
    each = max(1, found.payments)
    row = Row("backlog of webhooks → orders" if backlog else "webhook → order", database)
    row.cells = {"per s": found.rate, "CPU ms": 1000 * found.cpu / each}
    if found.database_cpu:
        row.cells["DB CPU ms"] = 1000 * found.database_cpu / each
    row.figures = {
        "payments": found.payments,
        "s": found.seconds,
        "webhook answered p50/p99 ms": _two(found.webhook_ms),
        "Stripe answers after ms": STRIPE_MS,
    }
    row.gates.append(at_most("s", found.seconds, BACKLOG) if backlog else at_least("orders per s", found.rate, ORDERS))
    row.gates.append(none_of("webhooks refused", found.webhooks_refused))
    return row


def whole(found: WholeDrop, deployed: WholeDrop | None, floor: WholeFloor, database: str) -> Row:
    """The drop that was played to the peers, with Stripe's limit out of the way; `deployed` is the same with it, if played."""
    row = Row("a whole drop, 1,000 fans and 100 copies", database)
    row.figures = {
        "busy": found.busy, "orders after payment s": found.settled.seconds, "floor s": floor.took,
        "pages and takes s": found.browsing,
        "page p50/p99 ms": _two(found.page_ms), "take p50/p99 ms": _two(found.take_ms), "server CPU s": found.cpu,
        "database CPU s": found.database_cpu, "floor's CPU s": floor.cpu,
    }  # fmt: skip
    played = [found]
    if deployed:
        row.figures |= {"orders after payment as Stripe lets us s": deployed.settled.seconds, "real path s": deployed.real}
        played.append(deployed)
    row.gates += [
        at_most("times the floor", found.settled.seconds / floor.took, WHOLE),
        at_most("server CPU", found.cpu, WHOLE_CPU, " s"),
        none_of("copies that nobody got", sum(COPIES - each.sold for each in played)),
        none_of("errors", sum(each.errors for each in played)),
    ]
    return row


def slow_disk(found: Slow, database: str) -> Row:
    """Takes when each fsync costs more."""
    row = Row(f"take, each fsync +{found.delay_ms} ms", database, {"per s": found.slow, "Floor per s": found.floor_slow})
    row.cells["Ratio"] = found.slow / max(found.floor_slow, 0.001)
    row.figures = {
        "without delay": found.fast,
        "floor without delay": found.floor_fast,
        "floor": "Flask + Core claim, a commit each",
    }
    row.gates = [at_least("times the floor", row.cells["Ratio"], SLOW_DISK), none_of("wrong answers", found.wrong)]
    return row


def _two(ms: dict[str, float]) -> str:
    return f"{shown(ms['p50'])}/{shown(ms['p99'])}"

"""How fast is fast enough: the limits, and which row they hold for."""

from bench.figures import Step
from bench.report import Gate, Row, at_least, at_most, none_of, row_of
from bench.statements import Counted

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

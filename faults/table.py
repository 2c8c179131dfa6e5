"""Prints what came of all rows: one line each, then the sums."""

from collections.abc import Iterable

from faults.run import CAUGHT, FAILED, HELD, NOT_RUN, Result


def lines(results: list[Result], took: float) -> Iterable[str]:
    """The table, as Markdown; all of it took so many seconds."""
    yield ""
    yield "| Row | Fault | Database | s | Verdict | Figures |"
    yield "|---|---|---|---:|---|---|"
    for each in results:
        figures = (
            ", ".join(f"{name} {value}" for name, value in each.figures.items())
            or " ".join("; ".join(each.problems).split())[-200:]
        )
        yield f"| {each.id} | {each.fault} | {each.database} | {each.seconds:.0f} | {each.verdict} | {figures} |"
    yield ""
    counts: dict[str, int] = {}
    for each in results:
        for name, count in each.counts.items():
            counts[name] = counts.get(name, 0) + count
    yield ", ".join(f"{name} {count}" for name, count in counts.items())
    held = {verdict: sum(each.verdict == verdict for each in results) for verdict in (HELD, CAUGHT, FAILED, NOT_RUN)}
    yield f"{held[HELD]} held, {held[CAUGHT]} controls caught, {held[FAILED]} failed, {held[NOT_RUN]} not run, in {took:.0f} s"

"""What a run has found: rows with figures, each with the gates it must pass; the table and the file made of them."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import SHARES, Step

FIRST, LAST = ("What", "Database"), ("Figures", "Gates")
HEAD = (*FIRST, "per s", *(f"{name} ms" for name in SHARES), "CPU ms", "DB CPU ms", "SQL", "Floor per s", "Ratio", *LAST)


@dataclass(frozen=True)
class Gate:
    """What must hold: a sentence with the limit and the figure, and whether it does."""

    words: str
    good: bool

    def __str__(self) -> str:
        return f"{self.words} {'✓' if self.good else 'FAILED'}"


def at_least(what: str, figure: float, limit: float, unit: str = "") -> Gate:
    """A figure that must not be smaller."""
    return Gate(f"{what} {shown(figure)} ≥ {shown(limit)}{unit}", figure >= limit)


def at_most(what: str, figure: float, limit: float, unit: str = "") -> Gate:
    """A figure that must not be greater."""
    return Gate(f"{what} {shown(figure)} ≤ {shown(limit)}{unit}", figure <= limit)


def none_of(what: str, count: float) -> Gate:
    """Something of which there must be none."""
    return Gate(f"{what} {shown(count)}", count == 0)


@dataclass
class Row:
    """One line of the table: figures with a column of their own by its name, others by any name, and gates."""

    what: str
    database: str
    cells: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)


def row_of(step: Step) -> Row:
    """The row of a step with a rate."""
    cells = {"per s": step.middle("rate"), **{f"{name} ms": step.ms(name) for name in SHARES}, "CPU ms": step.middle("cpu_ms")}
    row = Row(step.name, step.database, cells)
    if step.middle("database_ms"):
        cells["DB CPU ms"] = step.middle("database_ms")
    if step.statements is not None:
        cells["SQL"] = step.statements
    if step.ratio is not None:
        cells |= {"Floor per s": step.middle("rate", floor=True), "Ratio": step.ratio}
        row.figures["floor"] = f"{step.floor_name}, {shown(step.middle('cpu_ms', floor=True))} ms CPU"
    row.figures |= step.more
    row.figures["fans' share of a core"] = shown(step.middle("fans"))
    return row


def lines(rows: Iterable[Row], took: float) -> Iterable[str]:
    """The table, as Markdown."""
    rows = list(rows)
    yield ""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|---|---" + "|---:" * (len(HEAD) - 4) + "|---|---|"
    for row in rows:
        cells = [shown(row.cells[name]) if name in row.cells else "" for name in HEAD[2:-2]]
        figures = ", ".join(f"{name} {shown(value)}" for name, value in row.figures.items())
        yield "| " + " | ".join([row.what, row.database, *cells, figures, "; ".join(map(str, row.gates))]) + " |"
    yield ""
    gates = [gate for row in rows for gate in row.gates]
    failed = sum(not gate.good for gate in gates)
    yield f"{len(gates) - failed} gates passed, {failed} failed, in {took:.0f} s"


def failed(rows: Iterable[Row]) -> bool:
    """Did any gate fail?"""
    return any(not gate.good for row in rows for gate in row.gates)


def write(file: Path, seed: str, took: float, rows: Iterable[Row], more: dict[str, Any]) -> None:
    """The file: the box, the seed, all rows, and what else is known."""
    box = {"cpus": os.cpu_count(), "machine": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    whole = {"seed": seed, "at": datetime.now(UTC).isoformat(timespec="seconds"), "box": box, "seconds": round(took)}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**whole, "rows": [asdict(row) for row in rows], **more}, indent=1, default=str) + "\n")


def shown(value: Any) -> str:
    """A figure as a person reads it: three digits that count."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0") if value >= 10 else f"{value:.3g}"

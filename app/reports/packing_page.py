"""What to take from the shelves, in number order."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.inventory.numbers import issue_words
from app.reports.order_rows import LineRow, OrderRow


@dataclass(frozen=True)
class Pick:
    """A copy to take, and the order it is for; `issue` says in words that it was issued again."""

    number: int
    issue: str
    order_id: int
    reference: str
    name: str


@dataclass(frozen=True)
class PickRun:
    """The copies of one run to take, lowest number first."""

    run_id: int
    catalogue_number: str
    artist: str
    title: str
    run_title: str
    last: int
    picks: tuple[Pick, ...]


def pick_list(rows: Sequence[OrderRow]) -> list[PickRun]:
    """The copies of these orders, grouped by run, in number order: the way they stand on the shelf."""
    picks: dict[int, list[Pick]] = {}
    heads = {}
    for row in rows:
        for line in row.lines:
            heads[line.run_id] = line
            picks.setdefault(line.run_id, []).extend(_pick(n, line, row) for n in line.numbers)
    made = [
        PickRun(
            run_id,
            head.catalogue_number,
            head.artist,
            head.title,
            head.run_title,
            head.last,
            tuple(sorted(picks[run_id], key=lambda pick: pick.number)),
        )
        for run_id, head in heads.items()
    ]
    return sorted(made, key=lambda run: (run.catalogue_number, run.run_id))


def _pick(number: int, line: LineRow, row: OrderRow) -> Pick:
    return Pick(number, issue_words(line.issues.get(number, 0)), row.id, row.reference, row.name)

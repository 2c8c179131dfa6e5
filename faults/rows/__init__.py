"""The table of rows: which fault, on which database, done by which function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from faults.rig import POSTGRES, SQLITE
from faults.rows import processes, stripe, webhooks
from faults.stage import Figures, Stage

BOTH = (SQLITE, POSTGRES)


@dataclass(frozen=True)
class Row:
    """One fault. `kinds` are the databases that it is about; `patches` and `more` make it need a rig of its own."""

    id: str
    fault: str
    run: Callable[[Stage], Figures]
    kinds: tuple[str, ...] = BOTH
    patches: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False

    @property
    def own_rig(self) -> bool:
        """Can it not use the rig that the others share?"""
        return self.fresh or bool(self.patches) or bool(self.more)


ROWS: tuple[Row, ...] = (
    Row("F01", "web processes and worker killed again and again", processes.killed_processes),
    Row("F03", "everything killed at one moment, started again", processes.killed_shop),
    *(Row(f"F15{letter}", fault, run) for letter, fault, run in stripe.CASES),
    Row("F16", "webhooks in every sequence, again, late, early, forged", webhooks.every_sequence),
    Row("F17", "no webhook for three days", webhooks.unheard),
)

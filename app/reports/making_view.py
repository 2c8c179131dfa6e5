"""How far a run has come, for everybody who looks: the steps, what is promised, and what changed when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.making import ARRIVED, WORDS, MakingChange, Step
from app.catalogue.promises import Promise
from app.kernel.schema import table
from app.kernel.several import Several


@dataclass(frozen=True)
class Said:
    """One change: the step where that is new, the promise that `was` where it moved, a note in the label's words.

    `takes_back` says that what was said just before was a mistake.
    """

    at: datetime
    step: Step | None
    promise: Promise
    was: Promise | None
    first: bool
    note: str
    takes_back: bool


@dataclass(frozen=True)
class Mark:
    """A step on the way: `done`, `now` or `ahead`."""

    step: Step
    where: str


@dataclass(frozen=True)
class MakingView:
    """A pre-order as it stands; `said` is all that was said of it, the newest first."""

    step: Step
    promise: Promise
    said: tuple[Said, ...]

    @property
    def waits(self) -> bool:
        """Is it still on its way here?"""
        return self.step not in ARRIVED

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All steps, in their sequence."""
        return marks(self.step)


def marks(step: Step) -> tuple[Mark, ...]:
    """All steps as they stand at one of them."""
    steps = list(WORDS)
    here = steps.index(step)
    return tuple(Mark(each, "done" if at < here else "now" if at == here else "ahead") for at, each in enumerate(steps))


def of_runs(session: Session, run_ids: Collection[int]) -> dict[int, MakingView]:
    """The pre-orders among these runs, by the run's id; nothing is asked where there is none."""
    changes: dict[int, list[MakingChange]] = {}
    for row in _CHANGES.rows(session, set(run_ids)):
        change = MakingChange(**dict(zip(_NAMES, row, strict=True)))
        changes.setdefault(change.run_id, []).append(change)
    return {run_id: view(some) for run_id, some in changes.items()}


def view(changes: Sequence[MakingChange]) -> MakingView:
    """The page's words for what was said, oldest first."""
    said = [_said(change, changes[at - 1] if at else None) for at, change in enumerate(changes)]
    return MakingView(changes[-1].step, changes[-1].promise, tuple(said[::-1]))


def _said(change: MakingChange, before: MakingChange | None) -> Said:
    moved = before is not None and before.promise != change.promise
    return Said(
        at=change.at,
        step=None if before is not None and before.step == change.step else change.step,
        promise=change.promise,
        was=before.promise if before is not None and moved else None,
        first=before is None,
        note=change.note,
        takes_back=change.takes_back,
    )


_CHANGES_TABLE = table(MakingChange)
_NAMES = ("run_id", "step", "promised_on", "by_month", "note", "takes_back", "at")
_CHANGES = Several(
    lambda runs: (
        select(*(_CHANGES_TABLE.c[name] for name in _NAMES))
        .where(_CHANGES_TABLE.c.run_id.in_(runs))
        .order_by(_CHANGES_TABLE.c.run_id, _CHANGES_TABLE.c.id)
    )
)

"""A change that waits for its second person, as the desk sees it: what it is now, what it is to be, who asked and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.second import WAIT
from app.catalogue.models import Run
from app.drops import changes
from app.drops.models import ChangeState, Drop, DropChange
from app.reports import run_names
from app.reports.deeds import staff_names


@dataclass(frozen=True)
class Difference:
    """One thing that is to change; `before` and `after` are instants, amounts, numbers, or the runs' names."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ChangeDesk:
    """A change; `mine` when who looks asked for it, `alone` when they may confirm it themselves from `from_`."""

    id: int
    drop_id: int
    label_id: int
    drop: str
    run: str
    currency: str
    zone: str
    differences: tuple[Difference, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    lapses_at: datetime
    waits: bool
    ending: str
    mine: bool
    alone: bool
    too_early: bool
    from_: datetime


def change_desk(session: Session, change: DropChange, staff_id: int, now: datetime) -> ChangeDesk:
    """The page of this change for this person."""
    drop = session.get_one(Drop, change.drop_id)
    run = session.get_one(Run, change.run_id) if change.run_id else None
    before, after = changes.read(change.before), changes.read(change.wanted)
    called = run_names.names(session, {*before.get("runs", ()), *after.get("runs", ()), *([run.id] if run else [])})
    names = staff_names(session, [each for each in (change.asked_by, change.confirmed_by) if each is not None])
    lapsed = change.state is ChangeState.LAPSED or (change.state is ChangeState.WAITING and now >= change.lapses_at)
    return ChangeDesk(
        id=change.id,
        drop_id=drop.id,
        label_id=drop.label_id,
        drop=drop.title,
        run=called[run.id] if run else "",
        currency=drop.label.currency,
        zone=drop.label.time_zone,
        differences=tuple(_difference(name, before[name], after[name], called) for name in after),
        reason=change.reason,
        asked_by=names[change.asked_by],
        asked_at=change.created_at,
        lapses_at=change.lapses_at,
        waits=change.state is ChangeState.WAITING and not lapsed,
        ending="lapsed" if lapsed else change.state.value,
        mine=change.asked_by == staff_id,
        alone=changes.may_alone(session, change, drop.label_id, staff_id),
        too_early=now < change.created_at + WAIT,
        from_=change.created_at + WAIT,
    )


def _difference(name: str, before: Any, after: Any, called: dict[int, str]) -> Difference:
    if name == "runs":
        return Difference(name, _listed(before, called), _listed(after, called))
    return Difference(name, before, after)


def _listed(run_ids: Iterable[int], called: dict[int, str]) -> str:
    return ", ".join(called[run_id] for run_id in run_ids)

"""A change in a drop's last hour: one person asks and says why, another says yes, and until then nothing has moved."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import people, second
from app.catalogue import runs
from app.catalogue.models import Run
from app.catalogue.runs import RunWords
from app.drops import last_hour, selling, writing
from app.drops.models import ChangeState, Drop, DropChange
from app.drops.writing import DropWords
from app.kernel.errors import BadInput, Conflict, NotFound

W = TypeVar("W", DropWords, RunWords)
_TIMES = {"opens_at", "closes_at"}


def set_apart(kept: dict[str, Any], words: W) -> tuple[W, dict[str, Any]]:
    """A form without what it would change of what is kept, and that."""
    wanted = last_hour.moved(kept, words)
    return replace(words, **{name: kept[name] for name in wanted}), wanted


def ask(
    session: Session, drop: Drop, run: Run | None, wanted: dict[str, Any], staff_id: int, reason: str, now: datetime
) -> DropChange:
    """Write down what is wanted of the drop, or of one run it sells; the drop is locked. It lapses when the drop opens.

    BadInput without a reason, or when it could not be; Conflict when another change waits.
    """
    if not reason:
        raise BadInput("", {"why": "Say why it must change now: whoever says yes reads it."})
    if (other := _asked(session, drop.id)) is not None:
        if now < other.lapses_at:
            raise Conflict("Another change of this drop waits for its second person. Have that decided first.")
        other.state, other.ended_at = ChangeState.LAPSED, other.lapses_at
        session.flush()
    change = DropChange(
        drop_id=drop.id,
        run_id=run.id if run else None,
        before=_written({name: value for name, value in _now(drop, run).items() if name in wanted}),
        wanted=_written(wanted),
        reason=reason,
        state=ChangeState.WAITING,
        asked_by=staff_id,
        created_at=now,
        lapses_at=drop.opens_at,
        why="",
    )
    with session.begin_nested() as trial:  # what could not be carried out is not asked for
        _apply(session, change, drop, now)
        trial.rollback()
    session.add(change)
    session.flush()
    return change


def waiting(session: Session, drop_id: int, now: datetime) -> DropChange | None:
    """The drop's change that waits for its second person, if there is one."""
    found = _asked(session, drop_id)
    return found if found is not None and now < found.lapses_at else None


def may_alone(session: Session, change: DropChange, label_id: int, staff_id: int) -> bool:
    """May this person confirm the change they asked for? Only where nobody else manages the label."""
    return second.may_alone(change.asked_by, staff_id, people.managers(session, label_id))


def confirm(session: Session, change_id: int, staff_id: int, now: datetime, *, why: str = "") -> DropChange:
    """Carry out what was asked for. `why` is needed from who asked for it themselves, and their password just before.

    NotFound, Forbidden, or Conflict when it is decided, has lapsed, is too early, or is not possible any more.
    """
    change, drop = _locked(session, change_id, now)
    if change.asked_by == staff_id:
        second.check_alone(change.created_at, why, now, alone=may_alone(session, change, drop.label_id, staff_id))
    run = session.get(Run, change.run_id, with_for_update={"of": Run}, populate_existing=True) if change.run_id else None
    if {name: value for name, value in _written(_now(drop, run)).items() if name in change.before} != change.before:
        raise Conflict("What was to change is not what it was when this was asked for. Take it back, and ask anew.")
    _apply(session, change, drop, now)
    change.state, change.confirmed_by, change.ended_at = ChangeState.APPLIED, staff_id, now
    change.why = why if change.asked_by == staff_id else ""
    session.flush()
    return change


def take_back(session: Session, change_id: int, now: datetime) -> DropChange:
    """Say no to it, or take back one's own; nothing has moved. NotFound, or Conflict when it is decided or has lapsed."""
    change, _drop = _locked(session, change_id, now)
    change.state, change.ended_at = ChangeState.TAKEN_BACK, now
    session.flush()
    return change


def read(values: dict[str, Any]) -> dict[str, Any]:
    """Stored values as the forms have them: times as instants, runs as a tuple."""
    made: dict[str, Any] = {name: datetime.fromisoformat(value) for name, value in values.items() if name in _TIMES and value}
    return {**values, **made, **({"runs": tuple(values["runs"])} if "runs" in values else {})}


def _written(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _now(drop: Drop, run: Run | None) -> dict[str, Any]:
    return last_hour.of_run(run) if run else last_hour.of_drop(drop)


def _asked(session: Session, drop_id: int) -> DropChange | None:
    return session.scalar(select(DropChange).where(DropChange.drop_id == drop_id, DropChange.state == ChangeState.WAITING))


def _locked(session: Session, change_id: int, now: datetime) -> tuple[DropChange, Drop]:
    """The change that waits, and its drop, which is locked first: nobody else decides about it meanwhile."""
    found = session.get(DropChange, change_id)
    if found is None:
        raise NotFound("There is no such change.")
    drop = writing.locked(session, found.drop_id)
    change = session.get_one(DropChange, change_id, populate_existing=True)
    if change.state is not ChangeState.WAITING:
        raise Conflict("Somebody has decided about this change already.")
    if now >= change.lapses_at:
        raise Conflict("The drop has opened meanwhile, so this change has lapsed.")
    return change, drop


def _apply(session: Session, change: DropChange, drop: Drop, now: datetime) -> None:
    wanted = read(change.wanted)
    if (opens_at := wanted.get("opens_at")) is not None and opens_at <= now:
        raise Conflict("The opening time that was asked for is over, so the doors would open at once. Ask for a later one.")
    if change.run_id is not None:
        run = session.get_one(Run, change.run_id)
        facts: dict[str, Any] = {name: getattr(run, name) for name in RunWords.__dataclass_fields__}
        kept = RunWords(**{**facts, "slug": ""})
        runs.edit(session, run.id, replace(kept, **wanted), selling.price_lock(session, run.id, now))
    else:
        as_is = DropWords(title=drop.title, slug="", words=drop.words, **last_hour.of_drop(drop))
        writing.edit(session, drop.id, replace(as_is, **wanted), now, confirmed=True)

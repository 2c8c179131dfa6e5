"""A higher limit of refunds counts once a second person says yes; who is alone says it themselves, ten minutes later."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import people, second
from app.catalogue import labels
from app.catalogue.models import Label, LimitChange
from app.kernel.errors import Conflict

WAITS = "Another limit waits for its second person. Have that decided first, or take it back."


def is_higher(before: int | None, wanted: int | None) -> bool:
    """Would staff give back more alone? A lower limit needs nobody, nor does the first one."""
    return before is not None and (wanted is None or wanted > before)


def ask(session: Session, label: Label, wanted: int | None, staff_id: int, now: datetime) -> LimitChange:
    """Write down what is wanted; the label is locked, and its limit stays. Conflict when another one waits."""
    if waiting(session, label.id) is not None or label.refund_limit is None:
        raise Conflict(WAITS)
    change = LimitChange(label_id=label.id, before=label.refund_limit, wanted=wanted, asked_by=staff_id, created_at=now, why="")
    session.add(change)
    session.flush()
    return change


def waiting(session: Session, label_id: int) -> LimitChange | None:
    """The label's change that waits, if there is one."""
    return session.scalar(select(LimitChange).where(LimitChange.label_id == label_id, LimitChange.ended_at.is_(None)))


def may_alone(session: Session, change: LimitChange, staff_id: int) -> bool:
    """May this person confirm what they asked for? Only where nobody else owns the label."""
    return second.may_alone(change.asked_by, staff_id, people.owners(session, change.label_id))


def confirm(session: Session, label_id: int, change_id: int, staff_id: int, now: datetime, *, why: str = "") -> LimitChange:
    """Let it count. `why` is needed from who asked for it themselves, and their password just before.

    NotFound, Forbidden, or Conflict when it is decided, too early, or the limit is another one by now.
    """
    label, change = _locked(session, label_id, change_id)
    if change.asked_by == staff_id:
        second.check_alone(change.created_at, why, now, alone=may_alone(session, change, staff_id))
    if label.refund_limit != change.before:
        raise Conflict("The limit is not what it was when this was asked for. Take it back, and ask anew.")
    label.refund_limit, change.confirmed_by, change.ended_at = change.wanted, staff_id, now
    change.why = why if change.asked_by == staff_id else ""
    session.flush()
    return change


def take_back(session: Session, label_id: int, change_id: int, now: datetime) -> LimitChange:
    """Say no to it, or take back one's own; the limit stays. NotFound, or Conflict when it is decided."""
    _label, change = _locked(session, label_id, change_id)
    change.ended_at = now
    session.flush()
    return change


def _locked(session: Session, label_id: int, change_id: int) -> tuple[Label, LimitChange]:
    """The label, locked, and its change that waits: nobody else decides about it meanwhile."""
    label = labels.locked(session, label_id)
    change = waiting(session, label_id)
    if change is None or change.id != change_id:
        raise Conflict("Somebody has decided about this limit already.")
    return label, change

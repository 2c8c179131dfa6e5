"""Say how far a pre-order's run has come and when its copies are promised: each time a new row, and a mail ten minutes later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from app.catalogue import runs
from app.catalogue.making import WEEKS, Making, MakingChange, Step
from app.catalogue.promises import Promise
from app.kernel import outbox
from app.kernel.errors import Conflict
from app.kernel.outbox import Job

TELL, TOLD = "making.tell", "mail.making"
PATIENCE = timedelta(minutes=10)  # changes of these minutes are one mail, and can be taken back before it leaves


@dataclass(frozen=True)
class Words:
    """What staff say of a run; `weeks` is how far the promise may slip before its fans may cancel free."""

    step: Step
    promise: Promise
    note: str = ""
    weeks: int = WEEKS

    def new_to(self, making: Making) -> bool:
        """Is there anything in it for fans to hear, save other weeks?"""
        return (making.step, making.promise) != (self.step, self.promise) or bool(self.note)


def say(session: Session, run_id: int, words: Words, now: datetime, actor: str) -> MakingChange | None:
    """Say it from now on; the fans hear of it by mail in ten minutes. None when only the weeks changed.

    A run becomes a pre-order with the first of these. NotFound, or Conflict when nothing is new.
    """
    runs.locked(session, run_id).preorder = True
    making = _locked(session, run_id)
    if making is None:
        making = Making(run_id=run_id, weeks=words.weeks)
        session.add(making)
    elif not words.new_to(making):
        if making.weeks == words.weeks:
            raise Conflict("Nothing of it is new: the run stands there already, and there is no note.")
        making.weeks = words.weeks
        return None
    making.weeks = words.weeks
    change = _add(session, making, words.step, words.promise, words.note, now, actor)
    outbox.enqueue(session, TELL, str(run_id), {"run": run_id}, now=now, run_at=now + PATIENCE, priority=6)
    return change


def take_back(session: Session, run_id: int, now: datetime, actor: str) -> MakingChange:
    """Say again what fans were last told, before the mail leaves, so that none does.

    Conflict when it is too late, or there is nothing to go back to.
    """
    runs.locked(session, run_id)
    making = _locked(session, run_id)
    told = session.get(MakingChange, making.told_id) if making is not None and making.told_id is not None else None
    if making is None or told is None:
        raise Conflict("There is nothing to go back to yet. Say what is right instead.")
    if _some_know(session, making) or not outbox.no_more(session, TELL, str(run_id), now):
        raise Conflict("The mail has left, so this cannot be taken back any more. Say what is right: that is one more mail.")
    change = _add(session, making, told.step, told.promise, "", now, actor, takes_back=True)
    making.told_id = change.id
    return change


def _some_know(session: Session, making: Making) -> bool:
    """Was somebody written to about what was said since all were told? Then a wave of mails has begun, and ended early."""
    since = select(MakingChange.id).where(MakingChange.run_id == making.run_id, MakingChange.id > (making.told_id or 0))
    letters = or_(*(Job.key.startswith(f"{TOLD}:{change_id}:") for change_id in session.scalars(since)), false())
    return session.scalar(select(Job.id).where(letters).limit(1)) is not None


def changes(session: Session, run_id: int) -> Sequence[MakingChange]:
    """Everything that was said of a run, the oldest first."""
    return session.scalars(select(MakingChange).where(MakingChange.run_id == run_id).order_by(MakingChange.id)).all()


def promised_at(said: Sequence[MakingChange], at: datetime) -> Promise:
    """What was promised until a moment, of all that was said; to who was there before the first, that."""
    before = [each for each in said if each.at < at]
    return (before[-1] if before else said[0]).promise


def _locked(session: Session, run_id: int) -> Making | None:
    return session.get(Making, run_id, with_for_update=True, populate_existing=True)


def _add(
    session: Session,
    making: Making,
    step: Step,
    promise: Promise,
    note: str,
    now: datetime,
    actor: str,
    *,
    takes_back: bool = False,
) -> MakingChange:
    said = {"step": step, "promised_on": promise.on, "by_month": promise.by_month}
    for name, value in said.items():
        setattr(making, name, value)
    change = MakingChange(run_id=making.run_id, note=note, takes_back=takes_back, at=now, actor=actor, **said)
    session.add(change)
    session.flush()
    return change

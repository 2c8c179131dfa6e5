"""How far somebody is in setting up a label in the browser: which steps they have passed, until they say that it is done."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.schema import Base

_PUT_OFF = "~"


class Setup(Base):
    """One label that is being set up. A label without a row was made otherwise, and has none of these pages."""

    __tablename__ = "setups"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    # The names of steps with spaces between; one that was put off has a sign before it.
    passed: Mapped[str] = mapped_column(default="", server_default="")
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_setups_staff_id", "staff_id"),)


def begin(session: Session, label_id: int, staff_id: int, now: datetime) -> Setup:
    """From now on the label has set-up pages."""
    row = Setup(label_id=label_id, staff_id=staff_id, begun_at=now)
    session.add(row)
    session.flush()
    return row


def unfinished(session: Session, label_ids: Sequence[int]) -> Setup | None:
    """The first of these labels that is still being set up."""
    wanted = select(Setup).where(Setup.label_id.in_(label_ids), Setup.finished_at.is_(None))
    return session.scalar(wanted.order_by(Setup.label_id).limit(1))


def begun(session: Session, label_ids: Sequence[int]) -> Sequence[Setup]:
    """Every one of these labels that was set up here, or still is."""
    return session.scalars(select(Setup).where(Setup.label_id.in_(label_ids)).order_by(Setup.label_id)).all()


def passed(row: Setup) -> frozenset[str]:
    """The names of the steps that are behind, done or put off."""
    return frozenset(word.removeprefix(_PUT_OFF) for word in row.passed.split())


def put_off(row: Setup) -> frozenset[str]:
    """The names of those that were left for later."""
    return frozenset(word.removeprefix(_PUT_OFF) for word in row.passed.split() if word.startswith(_PUT_OFF))


def note_passed(session: Session, row: Setup, step: str) -> None:
    """A step is done."""
    _note(session, row, step, step)


def note_put_off(session: Session, row: Setup, step: str) -> None:
    """A step is left for later; one that was done before is put off as well."""
    _note(session, row, step, _PUT_OFF + step)


def _note(session: Session, row: Setup, step: str, word: str) -> None:
    row.passed = " ".join(sorted({*row.passed.split()} - {step, _PUT_OFF + step} | {word}))
    session.flush()


def finish(session: Session, row: Setup, now: datetime) -> None:
    """Its pages are gone from now on."""
    row.finished_at = now
    session.flush()

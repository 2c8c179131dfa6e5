"""How far somebody is in setting up a label in the browser: which steps they have passed, until they say that it is done."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.schema import Base


class Setup(Base):
    """One label that is being set up. A label without a row was made otherwise, and has none of these pages."""

    __tablename__ = "setups"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    passed: Mapped[str] = mapped_column(default="", server_default="")  # the names of steps, with spaces between
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


def passed(row: Setup) -> frozenset[str]:
    """The names of the steps that are behind."""
    return frozenset(row.passed.split())


def note_passed(session: Session, row: Setup, step: str) -> None:
    """A step is behind, saved or left for later."""
    row.passed = " ".join(sorted({*passed(row), step}))
    session.flush()


def finish(session: Session, row: Setup, now: datetime) -> None:
    """Its pages are gone from now on."""
    row.finished_at = now
    session.flush()

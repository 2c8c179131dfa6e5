"""What a pre-order adds to single orders: the way out that a slipped promise opens, and whether the address is still right."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.catalogue.promises import Promise
from app.kernel.schema import Base, one_of


class WayOut(Base):
    """A fan may cancel the copies of a run free of charge: what was promised when they took them slipped too far.

    Once open it stays open, whatever is promised later; `taken_at` is when they used it.
    """

    __tablename__ = "ways_out"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    change_id: Mapped[int] = mapped_column(ForeignKey("making_changes.id"))  # what opened it
    promised_on: Mapped[date]  # what they took the copies under
    by_month: Mapped[bool]
    opened_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_ways_out_run_id", "run_id"),)

    @property
    def promise(self) -> Promise:
        """What was promised when the copies were taken."""
        return Promise(self.promised_on, self.by_month)


class Answer(StrEnum):
    """What a fan said when asked whether the address is still theirs."""

    RIGHT = "right"
    CHANGED = "changed"


class AddressCheck(Base):
    """An order whose fan was asked, once for each run that is made for it."""

    __tablename__ = "address_checks"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime]
    answer: Mapped[Answer | None] = mapped_column(one_of(Answer, "answer"))
    answered_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_when"),
        Index("ix_address_checks_run_id", "run_id"),
    )

"""How far a pre-order's run has come, and when its copies are promised to leave: as it stands, and every change there was."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.catalogue.promises import Promise
from app.kernel.schema import Base, Key, one_of

WEEKS = 8  # a promise may slip by so many before its fans may cancel free, unless the run says otherwise


class Step(StrEnum):
    """How far a run has come, in this sequence."""

    FILES_IN = "files_in"
    TEST_PRESS = "test_press"
    PRINTED = "printed"
    HERE = "here"
    PACKING = "packing"


WORDS = {
    Step.FILES_IN: "files in",
    Step.TEST_PRESS: "test press",
    Step.PRINTED: "printed",
    Step.HERE: "here",
    Step.PACKING: "packing",
}
ARRIVED = (Step.HERE, Step.PACKING)  # what may be packed


class Making(Base):
    """A pre-order as it stands: the last of its changes. `told_id` is the last that its fans were told of, or that says the same.

    `lock_on` is the day (on the label's wall) at the end of which its parcels are locked for packing.
    """

    __tablename__ = "makings"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    step: Mapped[Step] = mapped_column(one_of(Step, "step"))
    promised_on: Mapped[date]
    by_month: Mapped[bool]
    weeks: Mapped[int] = mapped_column(default=WEEKS)
    told_id: Mapped[int | None]
    asked_at: Mapped[datetime | None]  # whether the addresses are still right
    lock_on: Mapped[date | None]
    locked_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("weeks BETWEEN 1 AND 104", name="weeks"),)

    @property
    def promise(self) -> Promise:
        """When its copies are to leave."""
        return Promise(self.promised_on, self.by_month)


class MakingChange(Base):
    """A change that fans read of, never changed itself; `takes_back` says that the one before it was a mistake."""

    __tablename__ = "making_changes"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    step: Mapped[Step] = mapped_column(one_of(Step, "step"))
    promised_on: Mapped[date]
    by_month: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    takes_back: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    actor: Mapped[str]  # "staff:7"

    __table_args__ = (Index("ix_making_changes_run_id", "run_id", "id"), {"sqlite_autoincrement": True})

    @property
    def promise(self) -> Promise:
        """When the copies were to leave from then on."""
        return Promise(self.promised_on, self.by_month)

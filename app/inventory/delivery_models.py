"""What came from the plant, and what becomes of each sold copy that did not: one row per copy, with one outcome."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.inventory.models import Copy
from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of


class Unanswered(StrEnum):
    """What happens when a fan says nothing until the last day: their money goes back, or they wait for the next issue."""

    REFUND = "refund"
    WAIT = "wait"


class ShortfallState(StrEnum):
    """Open while a copy is owed: offered, refunding (may still be undone), waits; then one of the outcomes."""

    OFFERED = "offered"
    REFUNDING = "refunding"
    WAITS = "waits"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"  # the fan has another number
    REPLACED = "replaced"  # the same number as its next issue
    CAME = "came"  # it came after all
    LEFT = "left"  # the order was cancelled, or the copy taken out of it some other way


class Delivery(Base):
    """What staff said came: `came` of the `expected` copies that should have been here.

    `by_number` when the missing ones were named; `unanswered` and `answer_by` are what the fans were told.
    """

    __tablename__ = "deliveries"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    at: Mapped[datetime]
    actor: Mapped[str]  # "staff:7"
    came: Mapped[int]
    expected: Mapped[int]
    by_number: Mapped[bool]
    unanswered: Mapped[Unanswered] = mapped_column(one_of(Unanswered, "unanswered"))
    answer_by: Mapped[datetime]
    promise: Mapped[str] = mapped_column(default="")  # when the next issue is to come, in the label's words
    words: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("came >= 0 AND came < expected", name="came"),
        CheckConstraint("answer_by > at", name="answer_by"),
        Index("ix_deliveries_run_id", "run_id"),
        NEVER_AGAIN,
    )


_OPEN = text("closed_at IS NULL")


class Shortfall(Base):
    """A sold copy that did not come. Until it has an outcome the copy stays its order's, and is not here.

    `due_at` is when its money goes back, while that can still be undone; `instead_id` the copy that stands for it now.
    """

    __tablename__ = "shortfalls"

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    state: Mapped[ShortfallState] = mapped_column(one_of(ShortfallState, "state"), default=ShortfallState.OFFERED)
    offered_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(default="")  # "fan", "machine" or "staff:7"
    words: Mapped[str] = mapped_column(default="")  # what staff noted who answered for the fan
    due_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")  # why the money could not go back when it was due
    closed_at: Mapped[datetime | None]
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    instead_id: Mapped[int | None] = mapped_column(ForeignKey("copies.id"))

    delivery: Mapped[Delivery] = relationship()
    copy: Mapped[Copy] = relationship(foreign_keys=[copy_id])

    __table_args__ = (
        CheckConstraint("(state IN ('offered', 'refunding', 'waits')) = (closed_at IS NULL)", name="open"),
        CheckConstraint("(state = 'refunding') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(state IN ('exchanged', 'replaced')) = (instead_id IS NOT NULL)", name="instead"),
        Index("uq_shortfalls_open", "copy_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_shortfalls_open_line", "order_line_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_shortfalls_order_line_id", "order_line_id"),
        Index("ix_shortfalls_delivery_id", "delivery_id"),
        Index("ix_shortfalls_instead_id", "instead_id"),
        NEVER_AGAIN,
    )

"""What exists and where it is: one row per copy, the holds on them, and every movement."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.inventory.states import CopyState, HoldState
from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of

_LIVE = text("state IN ('active', 'closing')")
_SOLD, _ENDED = text("after = 'allocated'"), text("before = 'held'")
_AVAILABLE = text("state = 'available'")
_OPEN = text("closed_at IS NULL")


class Hold(Base):
    """Copies set aside for one fan until `expires_at`; it begins at the click and clicking again adds no time.

    `fan` is the random id in the fan's cookie, `network` the /24 or /64 they came from as a keyed digest. What the fan
    says on the details form is kept here until the order takes it over.
    """

    __tablename__ = "holds"

    id: Mapped[Key]
    drop_id: Mapped[int] = mapped_column(ForeignKey("drops.id"))
    fan: Mapped[str]
    network: Mapped[str] = mapped_column(default="")
    state: Mapped[HoldState] = mapped_column(one_of(HoldState, "state"), default=HoldState.ACTIVE)
    generation: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    grace_given: Mapped[bool] = mapped_column(default=False)  # the first pay gives at least five minutes, once
    sent: Mapped[bool] = mapped_column(default=False)  # was an attempt ever sent to Stripe?
    ended_at: Mapped[datetime | None]
    email: Mapped[str] = mapped_column(default="")
    email_key: Mapped[str] = mapped_column(default="")  # normalised, for counting
    country: Mapped[str] = mapped_column(default="")
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("postage_rates.id"))
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_after_created"),
        CheckConstraint("(state IN ('active', 'closing')) = (ended_at IS NULL)", name="ended_when_not_live"),
        Index("uq_holds_live_fan", "drop_id", "fan", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_holds_live_expires", "expires_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_holds_drop_email", "drop_id", "email_key"),
        Index("ix_holds_live_network", "network", sqlite_where=_LIVE, postgresql_where=_LIVE),
        NEVER_AGAIN,
    )


class DeskHold(Base):
    """Says that a hold was made at the desk: by whom, for whom, and why. No fan's browser knows it, and no limit counts it."""

    __tablename__ = "desk_holds"

    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    for_whom: Mapped[str]
    reason: Mapped[str]

    __table_args__ = (CheckConstraint("for_whom <> '' AND reason <> ''", name="says_why"),)


class HoldFreeze(Base):
    """The minutes that a hold was given because its fan had to wait for Stripe; waiting `until` then is made good already."""

    __tablename__ = "hold_freezes"

    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id"), primary_key=True)
    minutes: Mapped[int]
    until: Mapped[datetime]

    __table_args__ = (CheckConstraint("minutes BETWEEN 0 AND 10", name="minutes"),)


class Copy(Base):
    """One physical object: one number within its run, one state, at most one owner.

    `issue` counts replacements of the same number; a reserve copy has no number until it is issued.
    """

    __tablename__ = "copies"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    number: Mapped[int | None]
    issue: Mapped[int] = mapped_column(default=0)
    state: Mapped[CopyState] = mapped_column(one_of(CopyState, "state"), default=CopyState.AVAILABLE)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))

    __table_args__ = (
        UniqueConstraint("run_id", "number", "issue", name="uq_copies_run_number_issue"),
        CheckConstraint("(state = 'held') = (hold_id IS NOT NULL)", name="held_has_hold"),
        CheckConstraint("(state IN ('allocated', 'shipped')) = (order_line_id IS NOT NULL)", name="allocated_has_line"),
        CheckConstraint("issue >= 0", name="issue"),
        Index("ix_copies_available", "run_id", "number", sqlite_where=_AVAILABLE, postgresql_where=_AVAILABLE),
        Index("ix_copies_hold_id", "hold_id"),
        Index("ix_copies_order_line_id", "order_line_id"),
    )


class StockMovement(Base):
    """The append-only record of one copy changing state; `before` is empty when the copy was made."""

    __tablename__ = "stock_movements"

    id: Mapped[Key]
    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"))
    at: Mapped[datetime]
    before: Mapped[CopyState | None] = mapped_column(one_of(CopyState, "before"))
    after: Mapped[CopyState] = mapped_column(one_of(CopyState, "after"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    actor: Mapped[str]  # "fan", "machine" or "staff:7"
    reason: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        Index("ix_stock_movements_copy_id", "copy_id", "id"),
        Index("ix_stock_movements_sold", "order_line_id", sqlite_where=_SOLD, postgresql_where=_SOLD),
        Index("ix_stock_movements_ended", "hold_id", sqlite_where=_ENDED, postgresql_where=_ENDED),
    )


class Finding(StrEnum):
    """What a difference between shelf and record turned out to be."""

    FOUND = "found"
    LOST = "lost"
    DAMAGED = "damaged"
    PROMO = "promo"
    MIS_SHIPPED = "mis_shipped"
    OTHER = "other"


class StockCount(Base):
    """The shelf of a run, counted by scanning; `since` is the last movement before, as what moved later is no difference."""

    __tablename__ = "stock_counts"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    since: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]  # "staff:7"
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by = '')", name="closed_by"),
        Index("uq_stock_counts_open", "run_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_stock_counts_run_id", "run_id"),
    )


class CountedCopy(Base):
    """A copy that was scanned in a count: one row, however often."""

    __tablename__ = "counted_copies"

    count_id: Mapped[int] = mapped_column(ForeignKey("stock_counts.id"), primary_key=True)
    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"), primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]


class CountFinding(Base):
    """The name that somebody gave a difference of a count."""

    __tablename__ = "count_findings"

    count_id: Mapped[int] = mapped_column(ForeignKey("stock_counts.id"), primary_key=True)
    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"), primary_key=True)
    what: Mapped[Finding] = mapped_column(one_of(Finding, "what"))
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    actor: Mapped[str]

"""When and how it is sold: drops, their runs, and the reminders fans asked for."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalogue.models import Label, Run
from app.kernel.schema import NEVER_AGAIN, Base, JsonDict, Key, one_of

_WAITING = text("state = 'waiting'")


class Drop(Base):
    """A timed sale of one or more runs; what it is *now* is worked out in doors.py, only decisions are stored here."""

    __tablename__ = "drops"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    words: Mapped[str] = mapped_column(default="")  # Markdown
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    hold_minutes: Mapped[int] = mapped_column(default=10)
    limit_per_fan: Mapped[int | None]
    network_holds: Mapped[int] = mapped_column(default=300)  # live holds that one /24 or /64 may have before the share counts
    network_share: Mapped[int] = mapped_column(default=20)  # per cent of the copies made
    published_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]  # stopped before its time
    close_reason: Mapped[str | None]  # why it was stopped; once it is reopened, why it goes on
    created_at: Mapped[datetime]

    label: Mapped[Label] = relationship()
    entries: Mapped[list["DropRun"]] = relationship(order_by="DropRun.position", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("closes_at IS NULL OR closes_at > opens_at", name="closes_after_opens"),
        CheckConstraint("hold_minutes BETWEEN 1 AND 60", name="hold_minutes"),
        CheckConstraint("limit_per_fan > 0", name="limit_per_fan"),
        Index("ix_drops_opens_at", "opens_at"),
    )


class DropRun(Base):
    """A run sold in a drop, at its place on the page."""

    __tablename__ = "drop_runs"

    id: Mapped[Key]
    drop_id: Mapped[int] = mapped_column(ForeignKey("drops.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    position: Mapped[int]

    run: Mapped[Run] = relationship()

    __table_args__ = (UniqueConstraint("drop_id", "run_id"), Index("ix_drop_runs_run_id", "run_id"))


class ChangeState(StrEnum):
    """A change that waits is applied by a second person, taken back, or lapses when its drop opens."""

    WAITING = "waiting"
    APPLIED = "applied"
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"


class DropChange(Base):
    """What somebody wants changed in a drop's last hour, of the drop or of one run it sells.

    `before` and `wanted` hold the same names, with the values they had and are to have. `why` says why nobody else could
    confirm it.
    """

    __tablename__ = "drop_changes"

    id: Mapped[Key]
    drop_id: Mapped[int] = mapped_column(ForeignKey("drops.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    before: Mapped[JsonDict]
    wanted: Mapped[JsonDict]
    reason: Mapped[str]
    state: Mapped[ChangeState] = mapped_column(one_of(ChangeState, "state"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str]
    created_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_when_decided"),
        CheckConstraint("(state = 'applied') = (confirmed_by IS NOT NULL)", name="applied_is_confirmed"),
        CheckConstraint("confirmed_by <> asked_by OR why <> ''", name="alone_has_reason"),
        Index("uq_drop_changes_waiting", "drop_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        NEVER_AGAIN,
    )


class BuyerLock(Base):
    """One row per (drop, e-mail), locked while that buyer's copies are counted."""

    __tablename__ = "buyer_locks"

    drop_id: Mapped[int] = mapped_column(ForeignKey("drops.id"), primary_key=True)
    email_key: Mapped[str] = mapped_column(primary_key=True)


class Reminder(Base):
    """A fan's wish to be told before a drop opens; it counts once the address is confirmed."""

    __tablename__ = "reminders"

    id: Mapped[Key]
    drop_id: Mapped[int] = mapped_column(ForeignKey("drops.id"))
    email: Mapped[str]
    email_key: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    # A withdrawn wish is deleted, and its link must never open somebody else's.
    __table_args__ = (UniqueConstraint("drop_id", "email_key"), NEVER_AGAIN)

"""Links that show a fan what is held about them, erasures and the rows they emptied, and how long each label keeps what."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of

_WAITING = text("state = 'waiting'")
_MONTHS = ("unpaid", "reminders", "addresses", "names", "events")


class DataLink(Base):
    """A fan asked what is held about an address, and the link to it was mailed; asking again ends the link before.

    The row is gone a day later.
    """

    __tablename__ = "data_links"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)  # as it was written, in small letters
    email_key: Mapped[str]
    generation: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[datetime]

    __table_args__ = (NEVER_AGAIN,)


class ErasureOrigin(StrEnum):
    """Who wanted it: the fan by their link, staff on their behalf; or it was put in again from the record after a restore."""

    FAN = "fan"
    DESK = "desk"
    RECORD = "record"


class ErasureState(StrEnum):
    """waiting → done, or taken back while nothing was erased yet."""

    WAITING = "waiting"
    DONE = "done"
    TAKEN_BACK = "taken_back"


class Erasure(Base):
    """A person is erased at a label: from `due_at` on, and what must be kept as soon as it need not be any more.

    The address stands here until the last word about it was mailed; `digest` is its keyed fingerprint, and stays. `begun_at` is
    when the first rows were emptied, `looked_at` when it was last tried, `told_at` when the last letter was written.
    """

    __tablename__ = "erasures"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    digest: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    origin: Mapped[ErasureOrigin] = mapped_column(one_of(ErasureOrigin, "origin"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[ErasureState] = mapped_column(one_of(ErasureState, "state"), default=ErasureState.WAITING)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_when_over"),
        CheckConstraint("(state = 'waiting') = (email <> '')", name="address_while_waiting"),
        CheckConstraint("(origin = 'desk') = (staff_id IS NOT NULL)", name="desk_has_staff"),
        CheckConstraint("state <> 'taken_back' OR begun_at IS NULL", name="taken_back_in_time"),
        Index("uq_erasures_waiting", "label_id", "digest", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        NEVER_AGAIN,
    )


class ErasedRow(Base):
    """A row that was emptied, by a name that outlives it: "hold:12", "reminder:7", or Stripe's own id of a session.

    By these, and by nothing about the person, an older backup is emptied again.
    """

    __tablename__ = "erased_rows"

    ref: Mapped[str] = mapped_column(primary_key=True)
    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasures.id"))
    at: Mapped[datetime]

    __table_args__ = (Index("ix_erased_rows_erasure_id", "erasure_id"),)


class Retention(Base):
    """How many months a label keeps what; nothing is erased by age where no number stands, or no row.

    `accounts_years` count from the end of the year of a sale; with `accounts_names` name and address of what was paid stay so long.
    """

    __tablename__ = "retentions"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True, autoincrement=False)
    unpaid: Mapped[int | None]
    reminders: Mapped[int | None]
    addresses: Mapped[int | None]
    names: Mapped[int | None]
    events: Mapped[int | None]
    accounts_years: Mapped[int] = mapped_column(default=10)
    accounts_names: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]

    __table_args__ = (
        *(
            CheckConstraint(f"{name} BETWEEN 1 AND 240", name=name)
            for name in ("unpaid", "reminders", "addresses", "names", "events")
        ),
        CheckConstraint("accounts_years BETWEEN 0 AND 30", name="accounts_years"),
    )

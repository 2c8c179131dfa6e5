"""Who has a share in what is sold, what a run cost, and what was paid out."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of

WHOLE = 10_000  # basis points


class CostKind(StrEnum):
    """What money was spent on for a run."""

    PRESSING = "pressing"
    MASTERING = "mastering"
    ART = "art"
    OTHER = "other"


class Maker(Base):
    """Somebody who has a share in a label's releases: an artist, or whoever else worked on them."""

    __tablename__ = "makers"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("artists.id", ondelete="SET NULL"))
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")  # as it stands on a statement
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("label_id", "name"),
        CheckConstraint("name <> ''", name="name"),
        Index("ix_makers_artist_id", "artist_id"),
        NEVER_AGAIN,
    )


class MakerShare(Base):
    """What a maker gets of a release, or of one of its runs, from a day on: until the next row says something else.

    `costs_first`: the run's costs are taken off before there is anything to share. Of two rows of one day the later one holds;
    a maker's rows for a run stand before those for its release.
    """

    __tablename__ = "maker_shares"

    id: Mapped[Key]
    maker_id: Mapped[int] = mapped_column(ForeignKey("makers.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    basis_points: Mapped[int]
    costs_first: Mapped[bool]
    begins_on: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (
        CheckConstraint(f"basis_points BETWEEN 0 AND {WHOLE}", name="basis_points"),
        Index("ix_maker_shares_maker_id", "maker_id"),
        Index("ix_maker_shares_release_id", "release_id"),
        Index("ix_maker_shares_run_id", "run_id"),
    )


class RunCost(Base):
    """Money that was spent on a run, in minor units of its label's currency; one entered wrongly is struck out, not removed."""

    __tablename__ = "run_costs"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    kind: Mapped[CostKind] = mapped_column(one_of(CostKind, "kind"))
    amount: Mapped[int]
    words: Mapped[str] = mapped_column(default="")
    spent_on: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    struck_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("amount > 0", name="amount"), Index("ix_run_costs_run_id", "run_id"), NEVER_AGAIN)


class Payout(Base):
    """Money that a maker was given; one entered wrongly is struck out, not removed."""

    __tablename__ = "payouts"

    id: Mapped[Key]
    maker_id: Mapped[int] = mapped_column(ForeignKey("makers.id"))
    amount: Mapped[int]
    words: Mapped[str] = mapped_column(default="")
    paid_on: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    struck_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("amount > 0", name="amount"), Index("ix_payouts_maker_id", "maker_id"), NEVER_AGAIN)

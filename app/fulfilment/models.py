"""Getting it there: postage zones and rates, parcels, shipments."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.schema import Base, Key, one_of


class ParcelState(StrEnum):
    """What will leave together: open → locked → packed → sent."""

    OPEN = "open"
    LOCKED = "locked"
    PACKED = "packed"
    SENT = "sent"


class PostageZone(Base):
    """Countries that cost the same to post to; `countries` is a space-separated list of ISO codes, or * for the rest."""

    __tablename__ = "postage_zones"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    countries: Mapped[str]

    rates: Mapped[list["PostageRate"]] = relationship(order_by="PostageRate.amount, PostageRate.id", back_populates="zone")


class PostageRate(Base):
    """A way to post within a zone, for parcels up to `max_weight` grams; a retired rate is no longer offered."""

    __tablename__ = "postage_rates"

    id: Mapped[Key]
    zone_id: Mapped[int] = mapped_column(ForeignKey("postage_zones.id"))
    name: Mapped[str]
    carrier: Mapped[str] = mapped_column(default="")
    amount: Mapped[int]  # minor units of the label's currency
    max_weight: Mapped[int]  # grams, packaging included
    tracked: Mapped[bool] = mapped_column(default=False)
    days: Mapped[str] = mapped_column(default="")  # "2–4 days", as the label says it
    retired_at: Mapped[datetime | None]

    zone: Mapped[PostageZone] = relationship(back_populates="rates")

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("max_weight > 0", name="max_weight"),
        Index("ix_postage_rates_zone_id", "zone_id"),
    )


class Parcel(Base):
    """What will leave for one order; `locked_at` says that the fan's part is over.

    Parcels that joined are one from then on: they lie on the table as one, and are locked, packed and sent together.
    None joins by itself one that is to leave `alone`.
    """

    __tablename__ = "parcels"

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    state: Mapped[ParcelState] = mapped_column(one_of(ParcelState, "state"), default=ParcelState.OPEN)
    created_at: Mapped[datetime]
    packed_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    alone: Mapped[bool] = mapped_column(default=False, server_default=false())

    shipment: Mapped["Shipment | None"] = relationship(back_populates="parcel")

    __table_args__ = (Index("ix_parcels_state", "state"),)


class JoinedParcel(Base):
    """A parcel that leaves with an earlier one, which itself joined none: one parcel, to several orders of one fan."""

    __tablename__ = "joined_parcels"

    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id"), primary_key=True, autoincrement=False)
    into_id: Mapped[int] = mapped_column(ForeignKey("parcels.id"))
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("into_id <> parcel_id", name="another"), Index("ix_joined_parcels_into_id", "into_id"))


class SharedPostage(Base):
    """Postage of an order that went back because it leaves in one parcel with others; at most once for an order."""

    __tablename__ = "shared_postage"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"), unique=True)
    at: Mapped[datetime]


class PackedCopy(Base):
    """A copy that somebody has scanned into a parcel; it counts only while the copy belongs to that parcel's order."""

    __tablename__ = "packed_copies"

    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"), primary_key=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id"))
    at: Mapped[datetime]
    actor: Mapped[str]  # "staff:7"

    __table_args__ = (Index("ix_packed_copies_parcel_id", "parcel_id"),)


class Shipment(Base):
    """A parcel that left."""

    __tablename__ = "shipments"

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id"), unique=True)
    carrier: Mapped[str]
    tracking: Mapped[str] = mapped_column(default="")
    tracking_url: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime]

    parcel: Mapped[Parcel] = relationship(back_populates="shipment")


class Trouble(StrEnum):
    """What became of a copy after its parcel had left."""

    CAME_BACK = "came_back"
    DAMAGED = "damaged"
    LOST = "lost"


class Mishap(Base):
    """A copy that left its order after the parcel did; `again_order_id` is the order with which one is sent for it, if any.

    `unit_amount` is what the copy was sold for: what is sent for it costs nothing, and customs asks what it is worth.
    """

    __tablename__ = "mishaps"

    id: Mapped[Key]
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"))
    what: Mapped[Trouble] = mapped_column(one_of(Trouble, "what"))
    words: Mapped[str] = mapped_column(default="")
    unit_amount: Mapped[int]
    again_order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    actor: Mapped[str]  # "staff:7"
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("order_line_id", "copy_id"),
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        Index("ix_mishaps_copy_id", "copy_id"),
        Index("ix_mishaps_again_order_id", "again_order_id"),
    )


class Sender(Base):
    """Who posts a label's parcels, as carriers and customs ask for it; empty texts are not known yet."""

    __tablename__ = "senders"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="")
    line1: Mapped[str] = mapped_column(default="")
    line2: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    eori: Mapped[str] = mapped_column(default="")
    vat_number: Mapped[str] = mapped_column(default="")
    ioss_number: Mapped[str] = mapped_column(default="")
    duties_prepaid: Mapped[bool] = mapped_column(default=False)  # the carrier bills the label, not the fan


class SecondThing(Base):
    """What customs counts apart in every copy of a run: the zine around a stick. Price and weight are parts of the copy's own."""

    __tablename__ = "second_things"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    what: Mapped[str]
    hs_code: Mapped[str]
    price: Mapped[int]  # minor units, out of the price of one copy
    weight: Mapped[int]  # grams, out of the weight of one copy

    __table_args__ = (CheckConstraint("price >= 0", name="price"), CheckConstraint("weight >= 0", name="weight"))

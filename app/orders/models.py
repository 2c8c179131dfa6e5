"""What was sold: an order exists only once money is authorised (or nothing is due) and copies are allocated."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalogue.models import Label, Run
from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of


class OrderState(StrEnum):
    """Only decisions are stored; paid, packed and shipped are derived from facts."""

    PLACED = "placed"
    CANCELLED = "cancelled"


class BulkVerb(StrEnum):
    """What may be done to many orders at once and takes a while."""

    LOCK = "lock"
    TAG = "tag"
    UNTAG = "untag"
    CONFIRM = "confirm"


class BulkState(StrEnum):
    """How far a bulk deed has come with one of its orders; kept: it was done, and could not be undone."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"


class OrderCounter(Base):
    """The last order number given out by a label; locked last in the settle transaction, so numbers have no gaps."""

    __tablename__ = "order_counters"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class LostNumber(Base):
    """An order number that was given out before the last rows of a database were lost, and to nobody any more."""

    __tablename__ = "lost_numbers"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    noted_at: Mapped[datetime]


class Order(Base):
    """A sale, with the amounts as charged, in minor units of `currency`."""

    __tablename__ = "orders"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    drop_id: Mapped[int] = mapped_column(ForeignKey("drops.id"))
    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id"), unique=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("checkout_attempts.id"), unique=True)
    number: Mapped[int]
    generation: Mapped[int] = mapped_column(default=1)
    state: Mapped[OrderState] = mapped_column(one_of(OrderState, "state"), default=OrderState.PLACED)
    late: Mapped[bool] = mapped_column(default=False)
    fan: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    line1: Mapped[str] = mapped_column(default="")
    line2: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    lines_amount: Mapped[int]
    postage_amount: Mapped[int]
    total_amount: Mapped[int]
    postage_name: Mapped[str]
    placed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")

    label: Mapped[Label] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.id")

    __table_args__ = (
        UniqueConstraint("label_id", "number"),
        CheckConstraint("total_amount = lines_amount + postage_amount", name="total"),
        CheckConstraint("lines_amount >= 0 AND postage_amount >= 0", name="amounts"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_when"),
        Index("ix_orders_drop_email", "drop_id", "email_key"),
        Index("ix_orders_email_key", "email_key"),
        Index("ix_orders_drop_fan", "drop_id", "fan"),
        Index("ix_orders_label_id", "label_id", "id"),
        NEVER_AGAIN,
    )

    @property
    def reference(self) -> str:
        """What people call it: № 00042 is written 42 with at least five digits."""
        return f"{self.number:05d}"


class OrderLine(Base):
    """One run in an order: how many copies at what price each."""

    __tablename__ = "order_lines"

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    quantity: Mapped[int]
    unit_amount: Mapped[int]
    title: Mapped[str]  # as sold

    run: Mapped[Run] = relationship()

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        Index("ix_order_lines_order_id", "order_id"),
        Index("ix_order_lines_run_id", "run_id"),
    )


class OrderNote(Base):
    """What somebody at the desk wrote about an order; never changed, `on_slip` also stands on its packing slip."""

    __tablename__ = "order_notes"

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    text: Mapped[str]
    on_slip: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint("text <> ''", name="text"), Index("ix_order_notes_order_id", "order_id"))


class Tag(Base):
    """A word that a label sorts its orders by; `key` is the name without regard to case."""

    __tablename__ = "tags"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    name: Mapped[str]
    key: Mapped[str]

    __table_args__ = (UniqueConstraint("label_id", "key"), NEVER_AGAIN)


class TaggedOrder(Base):
    """An order that has a tag of its label."""

    __tablename__ = "tagged_orders"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True, autoincrement=False)

    __table_args__ = (Index("ix_tagged_orders_tag_id", "tag_id", "order_id"),)


class Bulk(Base):
    """One thing that somebody does to many orders, a slice at a time; `undo_at` is when it was begun to be undone."""

    __tablename__ = "bulk_deeds"

    id: Mapped[Key]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    verb: Mapped[BulkVerb] = mapped_column(one_of(BulkVerb, "verb"))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id"))
    at: Mapped[datetime]
    undo_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("(verb IN ('tag', 'untag')) = (tag_id IS NOT NULL)", name="tag"), NEVER_AGAIN)


class BulkOrder(Base):
    """One order of a bulk deed; `why` is the sentence of a refusal."""

    __tablename__ = "bulk_orders"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_deeds.id"), primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    state: Mapped[BulkState] = mapped_column(one_of(BulkState, "state"), default=BulkState.WAITING)
    why: Mapped[str] = mapped_column(default="")

"""What was sold: an order exists only once money is authorised (or nothing is due) and copies are allocated."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalogue.models import Label, Run
from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of

_NOTHING_DUE = text("total_amount = 0")


class OrderState(StrEnum):
    """Only decisions are stored; paid, packed and shipped are derived from facts."""

    PLACED = "placed"
    CANCELLED = "cancelled"


class CodeKind(StrEnum):
    """What a discount code takes off: per cent of each copy, an amount of all of them together, or the postage."""

    PERCENT = "percent"
    AMOUNT = "amount"
    POSTAGE = "postage"


class DiscountCode(Base):
    """A word that makes a hold cost less. `value` is per cent, or minor units of the label's currency; 0 for the postage.

    `code` is in capitals. Uses are not stored: they are the orders that stand and the holds being paid that name it.
    """

    __tablename__ = "discount_codes"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    code: Mapped[str]
    kind: Mapped[CodeKind] = mapped_column(one_of(CodeKind, "kind"))
    value: Mapped[int] = mapped_column(default=0)
    every_run: Mapped[bool]  # or only those in discount_runs
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    most_uses: Mapped[int | None]
    once_per_fan: Mapped[bool]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # by hand

    __table_args__ = (
        UniqueConstraint("label_id", "code"),
        CheckConstraint("(kind = 'postage') = (value = 0) AND value >= 0", name="value"),
        CheckConstraint("kind <> 'percent' OR value <= 100", name="percent"),
        CheckConstraint("most_uses > 0", name="most_uses"),
        CheckConstraint("ends_at > begins_at", name="ends_after_it_begins"),
        NEVER_AGAIN,
    )


class DiscountRun(Base):
    """A run that a code is for."""

    __tablename__ = "discount_runs"

    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)  # one that is not sold yet

    __table_args__ = (Index("ix_discount_runs_run_id", "run_id"),)


class HoldCode(Base):
    """The code that a fan named for a hold; an order has its own word for what was used."""

    __tablename__ = "hold_codes"

    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id"), primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"))

    __table_args__ = (Index("ix_hold_codes_code_id", "code_id"),)


class BulkVerb(StrEnum):
    """What may be done to many orders at once and takes a while."""

    LOCK = "lock"
    TAG = "tag"
    UNTAG = "untag"
    CONFIRM = "confirm"
    PACK = "pack"


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
    coded: Mapped["OrderCode | None"] = relationship()

    __table_args__ = (
        UniqueConstraint("label_id", "number"),
        CheckConstraint("total_amount = lines_amount + postage_amount", name="total"),
        CheckConstraint("lines_amount >= 0 AND postage_amount >= 0", name="amounts"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_when"),
        Index("ix_orders_drop_email", "drop_id", "email_key"),
        Index("ix_orders_email_key", "email_key"),
        Index("ix_orders_drop_fan", "drop_id", "fan"),
        Index("ix_orders_label_id", "label_id", "id"),
        Index("ix_orders_nothing_due", "label_id", "placed_at", sqlite_where=_NOTHING_DUE, postgresql_where=_NOTHING_DUE),
        NEVER_AGAIN,
    )

    @property
    def reference(self) -> str:
        """What people call it: № 00042 is written 42 with at least five digits."""
        return f"{self.number:05d}"


class OrderLine(Base):
    """Copies of one run in an order, and what each of them cost: a run has two lines where a code left its copies unequal.

    `unit_amount` is what was paid for each; `discount` what a code had taken off it, where one did.
    """

    __tablename__ = "order_lines"

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    quantity: Mapped[int]
    unit_amount: Mapped[int]
    title: Mapped[str]  # as sold

    run: Mapped[Run] = relationship()
    discount: Mapped["LineDiscount | None"] = relationship()

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        Index("ix_order_lines_order_id", "order_id"),
        Index("ix_order_lines_run_id", "run_id"),
    )


class OrderCode(Base):
    """The code that made an order cost less; `postage_off` is what it took off the postage, the rest stands with the lines."""

    __tablename__ = "order_codes"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"))
    postage_off: Mapped[int] = mapped_column(default=0)

    code: Mapped[DiscountCode] = relationship()

    __table_args__ = (
        CheckConstraint("postage_off >= 0", name="postage_off"),
        Index("ix_order_codes_code_id", "code_id"),
    )


class LineDiscount(Base):
    """What a code took off each copy of an order line."""

    __tablename__ = "line_discounts"

    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), primary_key=True)
    off: Mapped[int]

    __table_args__ = (CheckConstraint("off > 0", name="off"),)


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
    """One order of a bulk deed, with when it was done; `why` is the sentence of a refusal."""

    __tablename__ = "bulk_orders"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_deeds.id"), primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    state: Mapped[BulkState] = mapped_column(one_of(BulkState, "state"), default=BulkState.WAITING)
    why: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]

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

"""What Stripe kept of each payment, and what is not known of it yet."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.schema import Base, Key


class PaymentFee(Base):
    """What Stripe kept once: of a payment when it was taken, or for a dispute of it. Below zero where it was given back.

    `amount` is in minor units of the payment's currency; `kept` and `kept_currency` are Stripe's own, of the balance that the
    money went to. `at` is Stripe's time.
    """

    __tablename__ = "payment_fees"

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("disputes.id"))
    stripe_id: Mapped[str] = mapped_column(unique=True)  # of the balance transaction
    amount: Mapped[int]
    kept: Mapped[int]
    kept_currency: Mapped[str]
    at: Mapped[datetime]
    noted_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_payment_fees_payment_id", "payment_id"),
        Index("ix_payment_fees_dispute_id", "dispute_id"),
        Index("ix_payment_fees_at", "at", "id"),
    )


class FeePart(Base):
    """What of a fee falls on the copies of an order line; what falls on the postage is the rest, and is not stored."""

    __tablename__ = "fee_parts"

    fee_id: Mapped[int] = mapped_column(ForeignKey("payment_fees.id"), primary_key=True, autoincrement=False)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), primary_key=True, autoincrement=False)
    amount: Mapped[int]

    __table_args__ = (Index("ix_fee_parts_order_line_id", "order_line_id"),)


class FeeWanted(Base):
    """A payment that was taken and whose fee is not known yet; `asked_at` is when Stripe was last asked for it."""

    __tablename__ = "fees_wanted"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("(asked_at IS NULL) = (tries = 0)", name="tries"),)

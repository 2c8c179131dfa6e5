"""Stripe in our own words: the sessions we asked for, the money they brought, the events we were sent."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.schema import NEVER_AGAIN, Base, JsonDict, Key, one_of
from app.payments.states import AttemptState, PaymentState

_PENDING = text("state IN ('wanted', 'open', 'unknown')")


class CheckoutAttempt(Base):
    """One Stripe Checkout Session asked for: the exact request is stored before it is sent.

    `quote` is what the fan agreed to, as orders.totals writes it; `amount` its total in minor units.
    """

    __tablename__ = "checkout_attempts"

    id: Mapped[Key]
    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id"))
    number: Mapped[int]  # first, second … attempt of this hold
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    request: Mapped[JsonDict]
    quote: Mapped[JsonDict]
    amount: Mapped[int]
    currency: Mapped[str]
    state: Mapped[AttemptState] = mapped_column(one_of(AttemptState, "state"), default=AttemptState.WANTED)
    session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    session_expires_at: Mapped[datetime | None]
    stripe_account: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("hold_id", "number"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state <> 'open' OR session_id IS NOT NULL", name="open_has_session"),
        Index("uq_checkout_attempts_pending_hold", "hold_id", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
        NEVER_AGAIN,
    )


class Payment(Base):
    """The money of one completed attempt: authorised, then captured, or let go without a charge.

    A `void_reason` on an authorised payment says that it is to be let go: late, duplicate, mismatch.
    """

    __tablename__ = "payments"

    id: Mapped[Key]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("checkout_attempts.id"), unique=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    intent_id: Mapped[str] = mapped_column(unique=True)
    charge_id: Mapped[str | None]
    state: Mapped[PaymentState] = mapped_column(one_of(PaymentState, "state"), default=PaymentState.AUTHORISED)
    amount: Mapped[int]
    currency: Mapped[str]
    void_reason: Mapped[str | None]
    stripe_account: Mapped[str | None]
    authorised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # captured, voided or failed

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("order_id IS NOT NULL OR void_reason IS NOT NULL", name="order_or_void"),
        CheckConstraint("(state = 'authorised') = (ended_at IS NULL)", name="ended_when_not_authorised"),
        Index("ix_payments_state", "state"),
    )


class StripeEvent(Base):
    """An event received and verified: remembered once, without personal data; it is a hint, never state."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str]
    livemode: Mapped[bool]
    account: Mapped[str | None]
    created_at: Mapped[datetime]  # at Stripe
    received_at: Mapped[datetime]
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("checkout_attempts.id"))  # empty: not one of ours

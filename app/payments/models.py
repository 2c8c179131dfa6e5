"""Stripe in our own words: the sessions we asked for, the money they brought and what became of it, the events we were sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.schema import NEVER_AGAIN, Base, JsonDict, Key, one_of
from app.payments.states import CLOSED, AttemptState, DisputeState, PaymentState, RefundState

_CLOSED = ", ".join(f"'{state}'" for state in CLOSED)
_PENDING = text("state IN ('wanted', 'open', 'unknown')")
_IN_LINE = text("state = 'wanted' AND sent_at IS NULL")
_RUNNING = text("ended_at IS NULL")


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
        Index("ix_checkout_attempts_line", "id", sqlite_where=_IN_LINE, postgresql_where=_IN_LINE),
        NEVER_AGAIN,
    )


class Payment(Base):
    """The money of one completed attempt: authorised, then captured, or let go without a charge.

    A `void_reason` on an authorised payment says that it is to be let go: late, duplicate, mismatch, cancelled. `asked_at` is
    when Stripe was last asked for its refunds and disputes.
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
    asked_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("order_id IS NOT NULL OR void_reason IS NOT NULL", name="order_or_void"),
        CheckConstraint("(state = 'authorised') = (ended_at IS NULL)", name="ended_when_not_authorised"),
        Index("ix_payments_state_ended_at", "state", "ended_at"),
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

    __table_args__ = (Index("ix_stripe_events_received_at", "received_at"),)


class RefundOrigin(StrEnum):
    """Who began a refund: staff at the desk, the fan, Runout for money that came too late, or somebody in Stripe's dashboard."""

    DESK = "desk"
    FAN = "fan"
    MACHINE = "machine"
    DASHBOARD = "dashboard"


class PartKind(StrEnum):
    """What a part of a refund stands for."""

    COPY = "copy"
    POSTAGE = "postage"
    AMOUNT = "amount"


class Fate(StrEnum):
    """What becomes of a copy whose money goes back; undecided is for staff to decide."""

    KEPT = "kept"
    PUT_BACK = "put_back"
    WITHDRAWN = "withdrawn"
    UNDECIDED = "undecided"


class Refund(Base):
    """Money of one payment going back, in minor units; `parts` say what for, and add up to `amount`.

    Its key goes along in Stripe's metadata, so that after a lost answer it is found again instead of made again; `tries`
    counts the answers that were faults. `cause` is what told us of it. `created_at` is when it was begun;
    when it was proposed, until the second person says yes.
    """

    __tablename__ = "refunds"

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    stripe_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_account: Mapped[str | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    origin: Mapped[RefundOrigin] = mapped_column(one_of(RefundOrigin, "origin"))
    state: Mapped[RefundState] = mapped_column(one_of(RefundState, "state"))
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")  # why it fell through, or how it was paid back instead
    cause: Mapped[str] = mapped_column(default="")  # an event's id, "poll", or empty for our own call
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # when it came to its present state, save proposed, wanted and pending

    parts: Mapped[list["RefundPart"]] = relationship(order_by="RefundPart.id")

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state IN ('proposed', 'wanted', 'pending')) = (ended_at IS NULL)", name="ended_when_over"),
        CheckConstraint("state NOT IN ('pending', 'succeeded') OR stripe_id IS NOT NULL", name="accepted_has_stripe_id"),
        Index("ix_refunds_payment_id", "payment_id"),
        Index("ix_refunds_order_id", "order_id"),
        Index("ix_refunds_state_created_at", "state", "created_at"),
    )


class RefundPart(Base):
    """What some of a refund stands for: a copy and what becomes of it, the postage, or just an amount."""

    __tablename__ = "refund_parts"

    id: Mapped[Key]
    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"))
    kind: Mapped[PartKind] = mapped_column(one_of(PartKind, "kind"))
    amount: Mapped[int]
    copy_id: Mapped[int | None] = mapped_column(ForeignKey("copies.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    fate: Mapped[Fate | None] = mapped_column(one_of(Fate, "fate"))
    words: Mapped[str] = mapped_column(default="")  # why the copy is withdrawn

    __table_args__ = (
        UniqueConstraint("refund_id", "copy_id"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("(kind = 'copy') = (copy_id IS NOT NULL)", name="copy_is_named"),
        CheckConstraint("(kind = 'copy') = (order_line_id IS NOT NULL)", name="copy_has_line"),
        CheckConstraint("(kind = 'copy') = (fate IS NOT NULL)", name="copy_has_fate"),
        Index("ix_refund_parts_copy_id", "copy_id"),
        Index("ix_refund_parts_order_line_id", "order_line_id"),
    )


class Dispute(Base):
    """A fan's bank asks for the money back; `state` is Stripe's word, `opened_at` its time, `heard_at` ours."""

    __tablename__ = "disputes"

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    stripe_id: Mapped[str] = mapped_column(unique=True)
    stripe_account: Mapped[str | None]
    state: Mapped[DisputeState] = mapped_column(one_of(DisputeState, "state"))
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    cause: Mapped[str] = mapped_column(default="")  # an event's id, or "poll"
    evidence_due_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(f"(state IN ({_CLOSED})) = (closed_at IS NOT NULL)", name="closed_when"),
        Index("ix_disputes_payment_id", "payment_id"),
        Index("ix_disputes_state_closed_at", "state", "closed_at"),
    )


class StripeDifference(Base):
    """Something in which Stripe's own record and ours differ, kept until it is gone or a person has settled it.

    `made_at` is when it came to be; `gone_at` when a comparison of that time did not find it any more. `label_id` is whose business
    it is; empty where that cannot be told.
    """

    __tablename__ = "stripe_differences"

    id: Mapped[Key]
    kind: Mapped[str]
    about: Mapped[str]
    what: Mapped[str]
    todo: Mapped[str]
    reference: Mapped[str]
    label_id: Mapped[int | None]  # no foreign key: SQLite would have to copy the table for one that came later
    amount: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    found_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_how: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("kind", "about"),
        CheckConstraint("(settled_at IS NULL) = (settled_how = '')", name="settled_says_how"),
    )


class StripeOutage(Base):
    """A time in which Stripe did not answer, so that it was not asked: at most one runs, and every process knows it.

    `probed_at` is when somebody last tried whether it is back, `reason` the failure that began it.
    """

    __tablename__ = "stripe_outages"

    id: Mapped[Key]
    stripe_account: Mapped[str] = mapped_column(default="")
    began_at: Mapped[datetime]
    probed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]

    __table_args__ = (
        Index("uq_stripe_outages_running", "stripe_account", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

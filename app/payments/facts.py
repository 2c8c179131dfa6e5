"""What Stripe says about a session and its money, in our words; the only thing that settling decides from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.payments.states import DisputeState, RefundState


class SessionStatus(StrEnum):
    """A Checkout Session's own status."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Address:
    """Where the parcel goes, as the fan gave it on Stripe's page."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True)
class TaxFacts:
    """What Stripe Tax says is in the amount of a line; `rate` in basis points, `country` empty where it names none."""

    amount: int
    tax: int
    rate: int
    country: str


@dataclass(frozen=True)
class SessionFacts:
    """One Checkout Session and its intent as fetched; amounts in minor units, currency upper case.

    `tax` is what of the amount is tax; `taxed` says it line by line, the postage last, where Stripe Tax counted and was asked.

    `intent_status` is Stripe's word, empty while the fan has not confirmed anything. `attempt_key` is the idempotency key of
    the attempt that asked for the session: after a restore row ids come again, keys do not.
    """

    session_id: str
    status: SessionStatus
    url: str | None
    amount: int
    currency: str
    expires_at: datetime
    attempt_key: str
    email: str
    address: Address
    intent_id: str | None
    intent_status: str
    charge_id: str | None
    livemode: bool
    tax: int = 0
    taxed: tuple[TaxFacts, ...] | None = None

    @property
    def authorised(self) -> bool:
        """Is the money promised or taken? Under manual capture `payment_status` stays unpaid, so it is not asked."""
        return self.status is SessionStatus.COMPLETE and self.intent_status in {"requires_capture", "succeeded"}


@dataclass(frozen=True)
class FeeFacts:
    """What Stripe kept when money moved: `kept` of `moved`, both in minor units of the balance's own currency.

    `moved` is below zero where the money left, `kept` where a fee was given back.
    """

    stripe_id: str
    moved: int
    kept: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class IntentFacts:
    """One payment intent as fetched; `fee` once the money is taken and was asked for."""

    intent_id: str
    status: str
    amount: int
    amount_received: int
    charge_id: str | None
    fee: FeeFacts | None = None


@dataclass(frozen=True)
class SessionRecord:
    """A session in Stripe's own record, with what we wrote on it."""

    facts: SessionFacts
    metadata: dict[str, str]
    created_at: datetime


@dataclass(frozen=True)
class IntentRecord:
    """A payment intent in Stripe's own record, with what we wrote on it; `refunded` in minor units.

    `tried_at` is when the newest charge was tried: a declined card makes the intent, and another one may pay it hours later.
    """

    facts: IntentFacts
    metadata: dict[str, str]
    currency: str
    refunded: int
    tried_at: datetime


@dataclass(frozen=True)
class RefundFacts:
    """One refund as fetched; `key` is ours, empty for one that was made elsewhere, `failure` Stripe's reason."""

    refund_id: str
    intent_id: str | None
    amount: int
    currency: str
    state: RefundState
    key: str
    failure: str
    created_at: datetime


@dataclass(frozen=True)
class DisputeFacts:
    """One dispute as fetched; `due_by` is when Stripe wants the evidence, where it wants any. `fees` is what it kept for it."""

    dispute_id: str
    intent_id: str | None
    amount: int
    currency: str
    state: DisputeState
    reason: str
    due_by: datetime | None
    opened_at: datetime
    fees: tuple[FeeFacts, ...] = ()


@dataclass(frozen=True)
class EventFacts:
    """A verified webhook event, without its personal data."""

    id: str
    type: str
    created_at: datetime
    livemode: bool
    account: str | None
    object_id: str
    shop: str | None
    attempt_id: int | None
    session_id: str | None
    intent_id: str | None

"""The whole of one local Stripe account: its settings, clock, objects, deliveries and logs, passed to every function."""

import contextvars
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sandbox.clock import Clock
from sandbox.ids import Ids
from sandbox.store import Store

API_VERSION = "2026-10-28.endive"

# What a webhook endpoint of a shop like this subscribes to; other events happen but are not sent.
ENABLED_EVENTS = frozenset(
    {
        "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
        "checkout.session.expired", "payment_intent.amount_capturable_updated", "payment_intent.succeeded",
        "payment_intent.canceled", "payment_intent.payment_failed", "refund.created", "refund.updated", "refund.failed",
        "charge.refunded", "charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated", "charge.dispute.closed",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """The API request that makes an event happen; empty when a person or the clock did."""

    request_id: str | None = None
    idempotency_key: str | None = None


NOBODY = Cause()
cause: contextvars.ContextVar[Cause] = contextvars.ContextVar("cause", default=NOBODY)


@dataclass(frozen=True)
class Options:
    """How a local Stripe is set up. ``webhook`` may be empty: then nothing is sent."""

    webhook: str = ""
    webhook_secret: str = field(default="", repr=False)
    control_token: str = field(default="", repr=False)
    merchant: str = "Demo merchant"
    country: str = "DE"
    currency: str = "eur"
    state: Path | None = None
    clock_file: Path | None = None
    mail_dir: Path | None = None
    retry_scale: float = 1.0
    seed: int | None = None
    allowed_hosts: tuple[str, ...] = ()
    enabled_events: frozenset[str] = ENABLED_EVENTS


class Sender(Protocol):
    """What the rest knows of webhook delivery."""

    def enqueue(self, event_id: str) -> None:
        """See to it that the event is sent."""


@dataclass
class Sandbox:
    """One account. ``sender`` is set by the server, which also owns its threads."""

    options: Options
    clock: Clock
    ids: Ids
    store: Store
    sender: Sender | None = None
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=5000))
    in_flight: set[str] = field(default_factory=set)
    in_flight_lock: threading.Lock = field(default_factory=threading.Lock)


def make_box(options: Options, *, clock: Clock | None = None) -> Sandbox:
    """A local Stripe account, empty or as it was left in ``options.state``."""
    return Sandbox(
        options=options,
        clock=clock or Clock(options.clock_file),
        ids=Ids(options.seed),
        store=Store(options.state),
    )

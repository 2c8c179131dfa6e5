"""The whole of one local Stripe account: its settings, clock, objects, deliveries and logs, passed to every function."""

import contextvars
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sandbox.clock import Clock
from sandbox.faults import Faults, Pause
from sandbox.ids import Ids
from sandbox.rates import Rates
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
    """How a local Stripe is set up. ``webhook`` may be empty: then nothing is sent. ``rate_limit`` is what an endpoint takes in
    a second; four times that is what the account takes, as at Stripe; 0 means no limit. A ``seed`` makes ids repeatable.
    ``exchange`` says for other currencies what one of their units is in the account's own: such money is converted when it
    moves; what it does not name stays in a balance of its own."""

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
    rate_limit: float = 0.0
    allowed_hosts: tuple[str, ...] = ()
    enabled_events: frozenset[str] = ENABLED_EVENTS
    exchange: Mapping[str, float] = field(default_factory=dict)


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
    faults: Faults
    rates: Rates
    sender: Sender | None = None
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    in_flight: set[str] = field(default_factory=set)
    in_flight_lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        """Be as on the first day: no objects, no log, no faults, limits as set up, the clock's own offset gone."""
        self.store.clear()
        self.requests.clear()
        self.faults.clear()
        self.rates.set(self.options.rate_limit, 4 * self.options.rate_limit)
        self.clock.offset = 0.0


def make_box(options: Options, *, clock: Clock | None = None, pause: Pause | None = None) -> Sandbox:
    """A local Stripe account, empty or as it was left in ``options.state``."""
    its_clock = clock or Clock(options.clock_file)
    return Sandbox(
        options=options,
        clock=its_clock,
        ids=Ids(options.seed),
        store=Store(options.state),
        faults=Faults(pause),
        rates=Rates(its_clock, options.rate_limit, 4 * options.rate_limit),
    )

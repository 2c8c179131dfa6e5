"""The calls to Stripe, each answering in our own facts or raising one of three troubles.

Source: https://docs.stripe.com/api with the version that the pinned SDK sends.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast
from urllib.parse import quote

import stripe

from app.payments.facts import DisputeFacts, IntentFacts, IntentRecord, RefundFacts, SessionFacts, SessionRecord
from app.payments.pace import PER_SECOND, Pace
from app.payments.reading import counts_tax, dispute_facts, intent_facts, intent_record, refund_facts, session_facts, session_record

_SESSIONS, _INTENTS = "/v1/checkout/sessions", "/v1/payment_intents"
_EXPAND, _TAXES = ["payment_intent"], ["line_items.data.taxes", "shipping_cost.taxes"]
_WITH_FEE = ["latest_charge.balance_transaction"]
_TIMEOUT = (3, 10)  # seconds to connect, and to wait for an answer
_CALLS_AT_ONCE = 4  # the process's other threads go on serving pages when Stripe is slow

_DEFINITE = (
    stripe.InvalidRequestError,
    stripe.CardError,
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.IdempotencyError,
)

stripe.enable_telemetry = False  # it would write a file into the home folder and report latencies


class StripeTrouble(Exception):
    """Stripe did not do what was asked."""


class StripeRefused(StripeTrouble):
    """Definite: nothing happened. `code` is Stripe's."""

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code


class StripeDenied(StripeRefused):
    """Our key is wrong or may not do this: nothing happened, and nothing will until the operator has mended it.

    `unknown`: Stripe does not know the key at all (any more).
    """

    def __init__(self, message: str, code: str | None, *, unknown: bool = False) -> None:
        super().__init__(message, code)
        self.unknown = unknown


class StripeBusy(StripeTrouble):
    """Nothing happened, and the same call with the same key may be tried again, after `seconds` where that is known."""

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class StripeAway(StripeBusy):
    """Stripe was not asked, because it is known to be away."""


class StripeUnclear(StripeTrouble):
    """No answer, or a fault on Stripe's side: it may have happened. Look before acting.

    `answered`: Stripe itself said that it failed. It keeps that answer under the key, and the call is over, whatever it did.
    """

    def __init__(self, message: str, *, answered: bool = False) -> None:
        super().__init__(message)
        self.answered = answered


class Guard(Protocol):
    """Is asked before every request to Stripe, and told of those that fail; checkout.breaker has the one that is used."""

    def enter(self) -> int | None:
        """StripeAway when nobody should ask; a number when this request tries whether Stripe is back, else None."""

    def failed(self, why: str) -> None:
        """No answer, or a fault on Stripe's side."""

    def recovered(self, outage_id: int) -> None:
        """A request that tried was answered."""


@dataclass(frozen=True)
class Gateway:
    """A connection to one Stripe account."""

    client: stripe.StripeClient
    calls: threading.BoundedSemaphore
    pace: Pace = field(default_factory=Pace)

    def create_session(self, request: dict[str, Any], key: str) -> SessionFacts:
        """Ask for a Checkout Session with a stored request under its idempotency key."""
        return session_facts(self._ask("post", _SESSIONS, **request, expand=_EXPAND, idempotency_key=key))

    def fetch_session(self, session_id: str) -> SessionFacts:
        """What a session is now; where Stripe Tax has counted, it is asked once more for what is in each line."""
        self._turn("fetch session")
        found = self._ask("get", f"{_SESSIONS}/{_named(session_id)}", expand=_EXPAND)
        if counts_tax(found):
            found = self._ask("get", f"{_SESSIONS}/{_named(session_id)}", expand=[*_EXPAND, *_TAXES])
        return session_facts(found)

    def tax_is_ready(self) -> bool:
        """Can Stripe Tax count for this account?"""
        return bool(self._ask("get", "/v1/tax/settings").get("status") == "active")

    def find_session(self, key: str, shop: str, since: datetime) -> SessionFacts | None:
        """The session made for one of our attempts since an instant, found by its metadata; None when there is none."""
        listing = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": ["data.payment_intent"]}
        with _troubles():
            for session in self.client.v1.checkout.sessions.list(cast("Any", listing)).auto_paging_iter():
                if _ours(session.metadata, shop, key):
                    found = session.to_dict(for_json=True)
                    break
            else:
                return None
        return self.fetch_session(found["id"]) if counts_tax(found) else session_facts(found)

    def expire_session(self, session_id: str) -> SessionFacts:
        """End a session if it is still open; in any case what it is afterwards. Stripe decides who was first."""
        try:
            return session_facts(self._ask("post", f"{_SESSIONS}/{_named(session_id)}/expire", expand=_EXPAND))
        except StripeRefused:
            return self.fetch_session(session_id)  # not open any more: ask what it is instead of reading the message

    def fetch_intent(self, intent_id: str) -> IntentFacts:
        """What an intent is now."""
        return intent_facts(self._ask("get", f"{_INTENTS}/{_named(intent_id)}"))

    def fetch_fee(self, intent_id: str) -> IntentFacts:
        """What an intent is now, with what Stripe kept of it; at Stripe's pace, as nobody waits for it."""
        self._turn("fetch intent")
        return intent_facts(self._ask("get", f"{_INTENTS}/{_named(intent_id)}", expand=_WITH_FEE))

    def capture(self, intent_id: str, key: str, metadata: dict[str, str]) -> IntentFacts:
        """Take authorised money; in any case what the intent is afterwards."""
        self._turn("capture")
        end = f"{_INTENTS}/{_named(intent_id)}/capture"
        try:
            return intent_facts(self._ask("post", end, metadata=metadata, idempotency_key=key))
        except StripeRefused:
            return self.fetch_intent(intent_id)

    def void(self, intent_id: str, key: str) -> IntentFacts:
        """Let authorised money go without a charge; in any case what the intent is afterwards."""
        end = f"{_INTENTS}/{_named(intent_id)}/cancel"
        try:
            return intent_facts(self._ask("post", end, cancellation_reason="abandoned", idempotency_key=key))
        except StripeRefused:
            return self.fetch_intent(intent_id)

    def refund(self, intent_id: str, amount: int, key: str, metadata: dict[str, str]) -> RefundFacts:
        """Give some of captured money back; the same key gives the same refund."""
        wanted = {"payment_intent": intent_id, "amount": amount, "metadata": metadata}
        return refund_facts(self._ask("post", "/v1/refunds", **wanted, idempotency_key=key), metadata["shop"])

    def refunds(self, shop: str, *, intent_id: str | None = None, since: datetime | None = None) -> list[RefundFacts]:
        """The refunds of an intent, or all that were made since an instant, oldest first."""
        with _troubles():
            found = self.client.v1.refunds.list(cast("Any", _listing(intent_id, since)))
            return [refund_facts(each.to_dict(for_json=True), shop) for each in found.auto_paging_iter()][::-1]

    def disputes(self, *, intent_id: str | None = None, since: datetime | None = None) -> list[DisputeFacts]:
        """The disputes of an intent, or all that were opened since an instant, oldest first."""
        with _troubles():
            found = self.client.v1.disputes.list(cast("Any", _listing(intent_id, since)))
            return [dispute_facts(each.to_dict(for_json=True)) for each in found.auto_paging_iter()][::-1]

    def sessions(self, shop: str, since: datetime, until: datetime) -> list[SessionRecord]:
        """Stripe's own record of the sessions that one shop asked for in a period, oldest first."""
        listing = cast("Any", _listing(None, since, until, "data.payment_intent"))
        with _troubles():
            pages = self.client.v1.checkout.sessions.list(listing).auto_paging_iter()
            found = [session_record(each.to_dict(for_json=True)) for each in pages]
        return [each for each in reversed(found) if each.metadata.get("shop") == shop]

    def intents(self, shop: str, since: datetime, until: datetime) -> list[IntentRecord]:
        """Stripe's own record of the money that came for one shop in a period, oldest first."""
        listing = cast("Any", _listing(None, since, until, "data.latest_charge"))
        with _troubles():
            pages = self.client.v1.payment_intents.list(listing).auto_paging_iter()
            found = [intent_record(each.to_dict(for_json=True)) for each in pages]
        return [each for each in reversed(found) if each.metadata.get("shop") == shop]

    def ping(self) -> None:
        """Ask for next to nothing, to see whether Stripe answers."""
        with _troubles():
            self.client.v1.checkout.sessions.list({"limit": 1})

    def look(self, method: str, path: str, **params: Any) -> tuple[dict[str, Any], str]:
        """For checks: one call's answer as Stripe writes it, and its `Date` header."""
        with _troubles():
            found = self.client.raw_request(method, path, **params)
        return cast("dict[str, Any]", found.data), str(found.headers.get("Date", ""))

    def _turn(self, endpoint: str) -> None:
        """Wait for a turn at an endpoint that a drop asks for each order; StripeBusy where the line is long."""
        if (seconds := self.pace.wait(endpoint)) is not None:
            raise StripeBusy("so much is asked of Stripe just now that it would refuse more", seconds=seconds)

    def _ask(self, method: str, path: str, **params: Any) -> dict[str, Any]:
        """One object as Stripe writes it: the SDK's own calls make an object of each part of it, which costs more than the rest."""
        with _troubles():
            found: dict[str, Any] = self.client.raw_request(method, path, **params).data
        return found

    @contextmanager
    def place(self) -> Iterator[bool]:
        """One of the few places for calls made while a fan waits; False when all are taken."""
        taken = self.calls.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self.calls.release()


class _Guarded(stripe.RequestsClient):
    """Every request of the SDK, its own repetitions included, passes the guard."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(timeout=_TIMEOUT)
        self._guard = guard

    def request(self, *given: Any, **named: Any) -> Any:
        """The SDK's own call, which a subclass may replace: body, status and headers of one answer."""
        tried = self._guard.enter()
        try:
            answer = super().request(*given, **named)
        except stripe.APIConnectionError as error:
            self._guard.failed(str(error))
            raise
        if answer[1] >= 500:
            self._guard.failed(f"Stripe answered {answer[1]}")
        elif tried is not None:
            self._guard.recovered(tried)
        return answer


def open_gateway(secret_key: str, api_base: str | None, guard: Guard | None = None, *, per_second: int = PER_SECOND) -> Gateway:
    """A gateway to the account of a key; `api_base` leads to the sandbox instead of the real Stripe.

    `per_second` is how many calls one endpoint takes of this account.
    """
    client = stripe.StripeClient(
        secret_key,
        max_network_retries=1,
        http_client=_Guarded(guard) if guard else stripe.RequestsClient(timeout=_TIMEOUT),
        base_addresses={"api": api_base} if api_base else None,
    )
    return Gateway(client, threading.BoundedSemaphore(_CALLS_AT_ONCE), Pace(per_second))


@contextmanager
def _troubles() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        raise _trouble(error) from error


def _trouble(error: stripe.StripeError) -> StripeTrouble:
    """By its status first: to the SDK a 409 is just some other error."""
    if error.http_status in {409, 429}:
        return StripeBusy(str(error))
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        return StripeDenied(str(error), error.code, unknown=isinstance(error, stripe.AuthenticationError))
    if isinstance(error, _DEFINITE):
        return StripeRefused(str(error), error.code)
    return StripeUnclear(str(error), answered=error.http_status == 500)  # 502 to 504 come from the edge; nobody keeps those


def _listing(intent_id: str | None, since: datetime | None, until: datetime | None = None, *expand: str) -> dict[str, Any]:
    bounds = {"gte": since, "lte": until}
    made = {name: int(bound.timestamp()) for name, bound in bounds.items() if bound is not None}
    wanted = {"payment_intent": intent_id, "created": made, "expand": list(expand)}
    return {name: value for name, value in wanted.items() if value} | {"limit": 100}


def _named(id_: str) -> str:
    return quote(id_, safe="")


def _ours(metadata: Any, shop: str, key: str) -> bool:
    found = metadata.to_dict() if metadata is not None else {}
    return found.get("shop") == shop and found.get("key") == key

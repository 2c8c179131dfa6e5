"""The calls to Stripe, each answering in our own facts or raising one of three troubles.

Source: https://docs.stripe.com/api with the version that the pinned SDK sends.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, cast

import stripe
from stripe.checkout import Session as StripeSession
from stripe.params import PaymentIntentCancelParams, PaymentIntentCaptureParams, RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from app.payments.facts import Address, DisputeFacts, IntentFacts, RefundFacts, SessionFacts, SessionStatus
from app.payments.reading import dispute_facts, reference, refund_facts

_EXPAND = ["payment_intent"]
_TIMEOUT = (3, 10)  # seconds to connect, and to wait for an answer
_CALLS_AT_ONCE = 4  # the process's other threads go on serving pages when Stripe is slow

_DEFINITE = (
    stripe.InvalidRequestError,
    stripe.CardError,
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
    """Our key is wrong or may not do this: nothing happened, and nothing will until the operator has mended it."""


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

    def create_session(self, request: dict[str, Any], key: str) -> SessionFacts:
        """Ask for a Checkout Session with a stored request under its idempotency key."""
        with _troubles():
            made = self.client.v1.checkout.sessions.create(
                cast("SessionCreateParams", {**request, "expand": _EXPAND}), {"idempotency_key": key}
            )
        return _session_facts(made)

    def fetch_session(self, session_id: str) -> SessionFacts:
        """What a session is now."""
        with _troubles():
            found = self.client.v1.checkout.sessions.retrieve(session_id, {"expand": _EXPAND})
        return _session_facts(found)

    def find_session(self, key: str, shop: str, since: datetime) -> SessionFacts | None:
        """The session made for one of our attempts since an instant, found by its metadata; None when there is none."""
        listing = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": ["data.payment_intent"]}
        with _troubles():
            for session in self.client.v1.checkout.sessions.list(cast("Any", listing)).auto_paging_iter():
                if _ours(session.metadata, shop, key):
                    return _session_facts(session)
        return None

    def expire_session(self, session_id: str) -> SessionFacts:
        """End a session if it is still open; in any case what it is afterwards. Stripe decides who was first."""
        try:
            with _troubles():
                ended = self.client.v1.checkout.sessions.expire(session_id, {"expand": _EXPAND})
            return _session_facts(ended)
        except StripeRefused:
            return self.fetch_session(session_id)  # not open any more: ask what it is instead of reading the message

    def fetch_intent(self, intent_id: str) -> IntentFacts:
        """What an intent is now."""
        with _troubles():
            return _intent_facts(self.client.v1.payment_intents.retrieve(intent_id))

    def capture(self, intent_id: str, key: str, metadata: dict[str, str]) -> IntentFacts:
        """Take authorised money; in any case what the intent is afterwards."""
        params = cast("PaymentIntentCaptureParams", {"metadata": metadata})
        try:
            with _troubles():
                return _intent_facts(self.client.v1.payment_intents.capture(intent_id, params, {"idempotency_key": key}))
        except StripeRefused:
            return self.fetch_intent(intent_id)

    def void(self, intent_id: str, key: str) -> IntentFacts:
        """Let authorised money go without a charge; in any case what the intent is afterwards."""
        params = cast("PaymentIntentCancelParams", {"cancellation_reason": "abandoned"})
        try:
            with _troubles():
                return _intent_facts(self.client.v1.payment_intents.cancel(intent_id, params, {"idempotency_key": key}))
        except StripeRefused:
            return self.fetch_intent(intent_id)

    def ping(self) -> None:
        """Ask for next to nothing, to see whether Stripe answers."""
        with _troubles():
            self.client.v1.checkout.sessions.list({"limit": 1})

    def refund(self, intent_id: str, amount: int, key: str, metadata: dict[str, str]) -> RefundFacts:
        """Give some of captured money back; the same key gives the same refund."""
        params: RefundCreateParams = {"payment_intent": intent_id, "amount": amount, "metadata": metadata}
        with _troubles():
            made = self.client.v1.refunds.create(params, {"idempotency_key": key})
        return refund_facts(made.to_dict(for_json=True), metadata["shop"])

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


def open_gateway(secret_key: str, api_base: str | None, guard: Guard | None = None) -> Gateway:
    """A gateway to the account of a key; `api_base` leads to the sandbox instead of the real Stripe."""
    client = stripe.StripeClient(
        secret_key,
        max_network_retries=1,
        http_client=_Guarded(guard) if guard else stripe.RequestsClient(timeout=_TIMEOUT),
        base_addresses={"api": api_base} if api_base else None,
    )
    return Gateway(client, threading.BoundedSemaphore(_CALLS_AT_ONCE))


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
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return StripeDenied(str(error), error.code)
    if isinstance(error, _DEFINITE):
        return StripeRefused(str(error), error.code)
    return StripeUnclear(str(error), answered=error.http_status == 500)  # 502 to 504 come from the edge; nobody keeps those


def _session_facts(session: StripeSession) -> SessionFacts:
    whole = session.to_dict(for_json=True)
    collected = (whole.get("collected_information") or {}).get("shipping_details") or {}
    customer = whole.get("customer_details") or {}
    intent = whole.get("payment_intent") or {}
    return SessionFacts(
        session_id=whole["id"],
        status=SessionStatus(whole["status"]),
        url=whole.get("url"),
        amount=whole["amount_total"],
        currency=whole["currency"].upper(),
        expires_at=datetime.fromtimestamp(whole["expires_at"], UTC),
        attempt_key=(whole.get("metadata") or {}).get("key") or "",
        email=customer.get("email") or whole.get("customer_email") or "",
        address=_address(collected.get("name") or customer.get("name"), collected.get("address") or customer.get("address")),
        intent_id=intent.get("id"),
        intent_status=intent.get("status") or "",
        charge_id=reference(intent.get("latest_charge")),
        livemode=whole["livemode"],
    )


def _address(name: str | None, given: dict[str, Any] | None) -> Address:
    given = given or {}
    return Address(
        name or "",
        given.get("line1") or "",
        given.get("line2") or "",
        given.get("postal_code") or "",
        given.get("city") or "",
        given.get("state") or "",
        given.get("country") or "",
    )


def _intent_facts(intent: stripe.PaymentIntent) -> IntentFacts:
    whole = intent.to_dict(for_json=True)
    return IntentFacts(
        whole["id"], whole["status"], whole["amount"], whole.get("amount_received") or 0, reference(whole.get("latest_charge"))
    )


def _listing(intent_id: str | None, since: datetime | None) -> dict[str, Any]:
    of = {"payment_intent": intent_id} if intent_id is not None else {}
    made = {"created": {"gte": int(since.timestamp())}} if since is not None else {}
    return {**of, **made, "limit": 100}


def _ours(metadata: Any, shop: str, key: str) -> bool:
    found = metadata.to_dict() if metadata is not None else {}
    return found.get("shop") == shop and found.get("key") == key

"""Does Stripe tell us what happens? The endpoint as Stripe has it, and a message of its own that must come back to us, signed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import money
from app.kernel.checkups import Line, State
from app.payments.gateway import Gateway, StripeDenied, StripeRefused
from app.payments.models import StripeEvent

VERSION = "2026-10-28.endive"  # what the pinned SDK speaks
EVENTS = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
    "checkout.session.expired", "payment_intent.amount_capturable_updated", "payment_intent.succeeded",
    "payment_intent.canceled", "refund.created", "refund.updated", "refund.failed", "charge.refunded",
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)  # fmt: skip
SET_SECRET = "STRIPE_WEBHOOK_SECRET_FILE=/etc/runout/stripe_webhook"  # noqa: S105 - says where it goes, and is none
_LIFE = timedelta(minutes=35)  # the shortest that Stripe takes, and a little
_PRICE = 100  # of the whole currency: above Stripe's least everywhere, and nobody pays it
_MANY = 5  # events that are named one by one


def check_endpoint(gateway: Gateway, url: str) -> list[Line]:
    """The endpoint as Stripe has it; nothing where the key may not look, as the message itself is the proof."""
    try:
        listing, _date = gateway.look("get", "/v1/webhook_endpoints", limit=100)
    except StripeRefused:
        return []
    mine = [each for each in listing["data"] if str(each["url"]).rstrip("/") == url]
    if not mine:
        return [
            Line(
                State.BAD,
                "Stripe has no endpoint with the shop's address.",
                "Add one in Stripe's dashboard, Developers, Webhooks.",
                url,
            )
        ]
    return [line for each in mine for line in _endpoint(each)]


def _endpoint(endpoint: dict[str, Any]) -> list[Line]:
    lines = []
    if endpoint.get("status") != "enabled":
        lines.append(
            Line(State.BAD, "The endpoint is switched off at Stripe.", "Switch it on in Stripe's dashboard, and check again.")
        )
    wanted = set() if "*" in endpoint["enabled_events"] else set(EVENTS) - set(endpoint["enabled_events"])
    if wanted:
        named = ", ".join(sorted(wanted)) if len(wanted) <= _MANY else f"{len(wanted)} kinds of events"
        lines.append(
            Line(
                State.BAD,
                f"Stripe is not asked to tell us of {named}.",
                "Add them to the endpoint; all of them are:",
                ", ".join(EVENTS),
            )
        )
    version = endpoint.get("api_version")
    if version != VERSION:
        lines.append(
            Line(
                State.NOTE,
                f"The endpoint speaks {version or 'the version of the account'}; the shop reads {VERSION} best.",
                "Add a new endpoint with that version when there is no drop, and delete this one afterwards.",
            )
        )
    return lines or [
        Line(State.GOOD, "Stripe has an endpoint with the shop's address, switched on, with all events that the shop needs.")
    ]


def ask_for_message(gateway: Gateway, currency: str, base_url: str, key: str, now: datetime) -> str:
    """Make a payment page that nobody sees and end it at once, so that Stripe has something to tell us; the session's id.

    It is not marked as the shop's, so no order and no reconciling ever looks at it. Raises StripeTrouble.
    """
    amount = _PRICE * 10 ** money.digits(currency)
    price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": "A check by Runout, not for sale"}}
    request = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": {"capture_method": "manual"},
        "metadata": {"runout": "check"},
        "success_url": f"{base_url}/",
        "cancel_url": f"{base_url}/",
        "expires_at": int((now + _LIFE).timestamp()),
    }
    made = gateway.create_session(request, key)
    gateway.expire_session(made.session_id)
    return made.session_id


def refused(no: StripeRefused, currency: str) -> Line:
    """What a payment page that was not made tells."""
    if isinstance(no, StripeDenied):
        return Line(
            State.BAD,
            "The key may not make payment pages.",
            "Edit the restricted key in Stripe's dashboard, give it “Checkout Sessions: write”, and check again.",
        )
    return Line(
        State.BAD,
        f"Stripe made no payment page in {currency}. It says: {no}",
        "Stripe's dashboard says what the account still needs: finish that, and check again.",
    )


def came(session: Session, session_id: str) -> bool:
    """Has Stripe told us of this session, signed as it should be?"""
    return session.scalar(select(StripeEvent.id).where(StripeEvent.object_id == session_id).limit(1)) is not None


def last_heard(session: Session) -> datetime | None:
    """When Stripe last told us anything."""
    return session.scalar(select(func.max(StripeEvent.received_at)))

"""The Checkout Session that we ask Stripe for: hosted page, manual capture, nothing that could change the total."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.checkout import marks
from app.drops.models import Drop
from app.inventory.models import Hold
from app.inventory.numbers import numbered
from app.kernel.zones import place
from app.orders.totals import Quote, QuoteLine
from app.orders.vat_models import TaxedAs, VatKind
from app.payments.models import CheckoutAttempt

# Stripe refuses sessions that live less than 30 minutes; five more for clocks that differ and slow calls.
# Stripe Tax's own codes: general tangible goods, books, shipping. https://docs.stripe.com/tax/tax-codes (looked up 2026-11-30)
_CODES = {VatKind.STANDARD: "txcd_99999999", VatKind.REDUCED: "txcd_35010000"}
_SHIPPING, INCLUSIVE = "txcd_92010001", "inclusive"  # within the price, so that the total cannot move
_LEAST_LIFE, MARGIN = timedelta(minutes=30), timedelta(minutes=5)


@dataclass(frozen=True)
class Returns:
    """Where Stripe sends the fan: after paying and when turning back. `shop` marks our objects on a shared account."""

    paid: str
    back: str
    shop: str


def session_request(attempt: CheckoutAttempt, hold: Hold, quote: Quote, drop: Drop, returns: Returns) -> dict[str, Any]:
    """The request without its `expires_at`, which is set when it is sent."""
    metadata = marks.of_session(attempt, hold, quote, drop.slug, returns.shop)
    by_stripe = quote.levy is not None and quote.levy.taxed_as is TaxedAs.STRIPE
    return {
        "mode": "payment",
        "client_reference_id": str(hold.id),
        "customer_email": hold.email,
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},
        "line_items": [_line_item(line, by_stripe=by_stripe) for line in quote.lines],
        "shipping_address_collection": {"allowed_countries": [quote.postage.country]},
        "shipping_options": [{"shipping_rate_data": _shipping(quote) | (_posted_with() if by_stripe else {})}],
        **({"automatic_tax": {"enabled": True}} if by_stripe else {}),
        "payment_intent_data": {"capture_method": "manual", "metadata": metadata},
        "metadata": metadata,
        "custom_text": {"submit": {"message": _until(hold.expires_at, drop.label.time_zone)}},
        "success_url": returns.paid,
        "cancel_url": returns.back,
    }


def asked_again(request: dict[str, Any], attempt: CheckoutAttempt) -> dict[str, Any]:
    """The same request for another attempt of the same hold; without its `expires_at`."""
    mine = {"attempt": str(attempt.id), "key": attempt.idempotency_key}
    same = {name: value for name, value in request.items() if name != "expires_at"}
    intent = request["payment_intent_data"]
    return {
        **same,
        "metadata": {**request["metadata"], **mine},
        "payment_intent_data": {**intent, "metadata": {**intent["metadata"], **mine}},
    }


def expires_at(deadline: datetime, now: datetime) -> int:
    """When the session itself ends, in Unix seconds; the hold's own deadline is enforced by expiring the session."""
    return int((max(deadline, now + _LEAST_LIFE) + MARGIN).timestamp())


def _line_item(line: QuoteLine, *, by_stripe: bool) -> dict[str, Any]:
    product = {"name": line.title[:250], "description": numbered(line.numbers, line.last)[:500]}
    price: dict[str, Any] = {"currency": line.unit.currency.lower(), "unit_amount": line.unit.amount, "product_data": product}
    if by_stripe:
        product["tax_code"] = _CODES[line.kind]
        price["tax_behavior"] = INCLUSIVE
    return {"quantity": line.quantity, "price_data": price}


def _posted_with() -> dict[str, str]:
    return {"tax_behavior": INCLUSIVE, "tax_code": _SHIPPING}


def _shipping(quote: Quote) -> dict[str, Any]:
    amount = quote.postage.amount
    fixed = {"amount": amount.amount, "currency": amount.currency.lower()}
    return {"type": "fixed_amount", "display_name": quote.postage.name[:100], "fixed_amount": fixed}


def _until(deadline: datetime, zone: str) -> str:
    """Stripe's page runs no script of ours, so for fans elsewhere the time in UTC stands beside it."""
    there = f"{deadline.astimezone(ZoneInfo(zone)):%H:%M} in {place(zone)}"
    return f"Your copies are held until {there} ({deadline:%H:%M} UTC). After that your card is not charged."

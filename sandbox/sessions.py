"""Checkout Sessions: made, listed, expired by the shop and by the clock."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox import lines, money, objects, tax
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid, missing, unsupported
from sandbox.events import emit
from sandbox.lists import created_filter
from sandbox.params import web_address

Json = dict[str, Any]

_SHORTEST, _LONGEST = 30 * 60, 24 * 60 * 60
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_UNSUPPORTED = {
    "optional_items": "optional items.",
    "custom_fields": "custom fields.",
    "subscription_data": "subscriptions.",
    "setup_intent_data": "setup mode.",
    "payment_method_data": "saved payment methods.",
    "payment_method_configuration": "payment method configurations.",
}
_UNSUPPORTED_WHEN_ON = {
    "allow_promotion_codes": "promotion codes.",
    "tax_id_collection": "tax id collection.",
    "invoice_creation": "invoices.",
    "managed_payments": "managed payments.",
}
_ECHOED = (
    "cancel_url", "client_reference_id", "customer_email", "locale", "success_url", "submit_type", "origin_context",
    "billing_address_collection", "integration_identifier", "allowed_payment_method_types", "excluded_payment_method_types",
)  # fmt: skip


def create(box: Sandbox, params: Json, base_url: str) -> Json:
    """A new open session; ``base_url`` is where the payment page lives."""
    _check(box, params)
    now = box.clock.stamp()
    items = lines.build_lines(box, params.get("line_items") or [])
    currency = items[0]["currency"]
    rates = lines.build_rates(box, params.get("shipping_options") or [], currency)
    session = objects.session()
    session["id"] = box.ids.new("cs_test_", 58)
    session |= {name: params[name] for name in _ECHOED if params.get(name) not in (None, "")}
    session |= {
        "amount_subtotal": sum(line["amount_total"] for line in items),
        "created": now,
        "currency": currency,
        "expires_at": params.get("expires_at", now + _LONGEST),
        "metadata": params.get("metadata") or {},
        "shipping_options": [_option(rate) for rate in rates],
        "url": f"{base_url.rstrip('/')}/c/pay/{session['id']}",
    }
    _settings(session, params)
    tax.begin(session, params)
    select_rate(session, rates[0] if rates else None)
    money.check_total(session["amount_total"], currency)
    box.store.put("checkout.session", session)
    box.store.put("private.open", {"id": session["id"], "expires_at": session["expires_at"]})
    private = {"line_items": items, "intent_data": params.get("payment_intent_data") or {}, "capture": _capture(params)}
    box.store.put("private.session", private, session["id"])
    return session


def retrieve(box: Sandbox, session_id: str) -> Json:
    """The session as it is now."""
    return box.store.get("checkout.session", session_id, param="session")


def listed(box: Sandbox, params: Json) -> list[Json]:
    """Sessions, newest first, that match ``status``, ``payment_intent``, ``created`` and ``customer_details[email]``."""
    fits = created_filter(params.get("created"))
    email = (params.get("customer_details") or {}).get("email")

    def wanted(session: Json) -> bool:
        return (
            fits(session)
            and params.get("status") in (None, session["status"])
            and params.get("payment_intent") in (None, session["payment_intent"])
            and (email is None or email == (session["customer_details"] or {}).get("email"))
        )

    return box.store.newest("checkout.session", wanted)


def expire(box: Sandbox, session_id: str) -> Json:
    """Expire an open session; a 400 in Stripe's words when it is not open any more."""
    session = retrieve(box, session_id)
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
    _expire(box, session)
    return session


def mark_paid(box: Sandbox, intent_id: str) -> None:
    """The money of the session that made this intent has been taken."""
    link = box.store.find("private.intent", intent_id)
    if link:
        session = retrieve(box, link["session"])
        session["payment_status"] = "paid"
        box.store.put("checkout.session", session)


def sweep(box: Sandbox) -> None:
    """Expire every open session whose time is over."""
    now = box.clock.now()
    for overdue in box.store.select("private.open", lambda s: s["expires_at"] <= now):
        _expire(box, retrieve(box, overdue["id"]))


def select_rate(session: Json, rate: Json | None) -> None:
    """Choose a shipping rate and bring the totals in line."""
    shipping = rate["fixed_amount"]["amount"] if rate else 0
    session["shipping_cost"] = (
        {"amount_subtotal": shipping, "amount_tax": 0, "amount_total": shipping, "shipping_rate": rate["id"]} if rate else None
    )
    session["total_details"] = {"amount_discount": 0, "amount_shipping": shipping, "amount_tax": 0}
    session["amount_total"] = session["amount_subtotal"] + shipping
    session["payment_status"] = "unpaid" if session["amount_total"] else "no_payment_required"


def _expire(box: Sandbox, session: Json) -> None:
    session |= {"status": "expired", "url": None}
    box.store.put("checkout.session", session)
    box.store.remove("private.open", session["id"])
    emit(box, "checkout.session.expired", session)


def _check(box: Sandbox, params: Json) -> None:
    if params.get("mode", "payment") != "payment":
        raise unsupported("mode", "only payment mode.")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise unsupported("ui_mode", "only the hosted page.")
    for name, why in _UNSUPPORTED.items():
        if params.get(name):
            raise unsupported(name, why)
    for name, why in _UNSUPPORTED_WHEN_ON.items():
        value = params.get(name)
        if value is True or (isinstance(value, dict) and value.get("enabled")):
            raise unsupported(name, why)
    if ((params.get("after_expiration") or {}).get("recovery") or {}).get("enabled"):
        raise unsupported("after_expiration", "recovery of expired sessions.")
    if params.get("discounts"):
        discount = params["discounts"][0]
        name = next(iter(discount), "coupon")
        raise missing(name, discount.get(name, ""), param=f"discounts[0][{name}]")
    if params.get("customer"):
        raise missing("customer", params["customer"], param="customer")
    _check_texts(params)
    _check_expiry(box, params.get("expires_at"))


def _check_texts(params: Json) -> None:
    if not params.get("success_url"):
        raise invalid("Missing required param: success_url.", param="success_url", code="parameter_missing")
    web_address(params["success_url"], "success_url")
    web_address(params.get("cancel_url"), "cancel_url")
    email = params.get("customer_email")
    if email is not None and (not _EMAIL.match(email) or len(email) > 512):
        raise invalid(f"Invalid email address: {email[:100]}", param="customer_email", code="email_invalid")
    if len(params.get("client_reference_id") or "") > 200:
        raise invalid("client_reference_id must be at most 200 characters.", param="client_reference_id")
    for name, text in (params.get("custom_text") or {}).items():
        if text and len(text["message"]) > 1200:
            param = f"custom_text[{name}][message]"
            raise invalid(f"Invalid string: {param} must be at most 1200 characters.", param=param)


def _check_expiry(box: Sandbox, expires_at: int | None) -> None:
    now = box.clock.stamp()
    if expires_at is not None and expires_at < now + _SHORTEST:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(message, param="expires_at")
    if expires_at is not None and expires_at > now + _LONGEST:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(message, param="expires_at")


def _settings(session: Json, params: Json) -> None:
    session["custom_text"] |= {name: text or None for name, text in (params.get("custom_text") or {}).items()}
    for name in ("adaptive_pricing", "phone_number_collection"):
        if name in params:
            session[name] = {"enabled": bool(params[name].get("enabled"))}
    if "shipping_address_collection" in params:
        session["shipping_address_collection"] = params["shipping_address_collection"]
    if "branding_settings" in params:
        session["branding_settings"] = {
            "background_color": "#ffffff", "border_style": "rounded", "button_color": "#0074d4", "display_name": "",
            "font_family": "default", "icon": None, "logo": None,
        } | {name: value for name, value in params["branding_settings"].items() if value}  # fmt: skip


def _option(rate: Json) -> Json:
    return {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"]}


def _capture(params: Json) -> str:
    card = (params.get("payment_method_options") or {}).get("card") or {}
    whole = (params.get("payment_intent_data") or {}).get("capture_method") or "automatic_async"
    return str(card.get("capture_method") or whole)


def origin(url: str) -> str:
    """``https://shop.example/a`` → ``https://shop.example``, for a content security policy."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")

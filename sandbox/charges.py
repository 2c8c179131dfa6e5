"""Charges: a card is attached, declined, authorised or captured; the money that moves is written to the balance."""

from typing import Any

from sandbox import objects
from sandbox.box import Sandbox
from sandbox.cards import Card, Decline
from sandbox.events import emit

Json = dict[str, Any]

AUTHORISED_FOR = 7 * 24 * 60 * 60


def attach_card(box: Sandbox, intent: Json, card: Card, customer: Json) -> None:
    """Make a payment method of the card and give it to the intent, whose earlier error is forgotten."""
    billing = {
        "address": customer["address"],
        "email": customer["email"],
        "name": card.name or customer["name"],
        "phone": customer["phone"],
        "tax_id": None,
    }
    method = {
        "id": box.ids.new("pm_1"), "object": "payment_method", "allow_redisplay": "limited", "billing_details": billing,
        "card": {
            "brand": card.brand, "checks": _checks("pass"), "country": "US", "display_brand": card.brand,
            "exp_month": card.month, "exp_year": card.year, "fingerprint": card.fingerprint, "funding": "credit",
            "generated_from": None, "last4": card.last4, "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated", "three_d_secure_usage": {"supported": True}, "wallet": None,
        },
        "created": box.clock.stamp(), "customer": None, "customer_account": None, "livemode": False, "metadata": {},
        "type": "card",
    }  # fmt: skip
    box.store.put("payment_method", method)
    intent |= {"payment_method": method["id"], "last_payment_error": None}


def decline(box: Sandbox, intent: Json, why: Decline, *, charged: bool = True) -> None:
    """The card is refused: the intent waits for another one. ``charged``: the bank was asked, so a failed charge stays."""
    method = box.store.get("payment_method", intent["payment_method"])
    error: Json = {"type": "card_error", "code": why.code, "message": why.message, "payment_method": method}
    error["doc_url"] = f"https://stripe.com/docs/error-codes/{why.code.replace('_', '-')}"
    if why.decline_code:
        error["decline_code"] = why.decline_code
    if charged:
        charge = _charge(box, intent, method)
        charge |= {"status": "failed", "failure_code": why.code, "failure_message": why.message}
        charge["outcome"] = _outcome("declined_by_network", "issuer_declined", why.decline_code or why.code)
        error["charge"] = intent["latest_charge"] = charge["id"]
        box.store.put("charge", charge)
        emit(box, "charge.failed", charge)
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    box.store.put("payment_intent", intent)
    emit(box, "payment_intent.payment_failed", intent)


def authorise(box: Sandbox, intent: Json, *, authenticated: bool) -> None:
    """The bank agrees: reserve the amount under manual capture, take it otherwise."""
    method = box.store.get("payment_method", intent["payment_method"])
    charge = _charge(box, intent, method)
    charge |= {"status": "succeeded", "paid": True}
    charge["outcome"] = _outcome("approved_by_network", "authorized", None)
    if authenticated:
        charge["payment_method_details"]["card"]["three_d_secure"] = {
            "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": None,
            "result": "authenticated", "result_reason": None, "transaction_id": box.ids.new(""), "version": "2.2.0",
        }  # fmt: skip
    intent |= {"latest_charge": charge["id"], "last_payment_error": None}
    if intent["capture_method"] == "manual":
        before = charge["created"] + AUTHORISED_FOR
        charge["payment_method_details"]["card"]["capture_before"] = before
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        box.store.put("private.authorised", {"id": intent["id"], "capture_before": before})
        box.store.put("charge", charge)
        box.store.put("payment_intent", intent)
        emit(box, "charge.succeeded", charge)
        emit(box, "payment_intent.amount_capturable_updated", intent)
    else:
        take(box, intent, charge, intent["amount"])
        emit(box, "charge.succeeded", charge)
        emit(box, "payment_intent.succeeded", intent)


def take(box: Sandbox, intent: Json, charge: Json, amount: int) -> None:
    """Move ``amount`` from the card to the balance; the caller tells the world."""
    fee = amount * 15 // 1000 + 25
    moved = record(box, charge, amount, fee=fee, kind="charge", source=charge["id"])
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": moved}
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    box.store.put("charge", charge)
    box.store.put("payment_intent", intent)


def record(box: Sandbox, charge: Json, amount: int, *, fee: int, kind: str, source: str) -> str:
    """Write a balance transaction; gives its id."""
    moved = objects.balance_transaction()
    moved |= {"id": box.ids.new("txn_3"), "amount": amount, "fee": fee, "net": amount - fee, "currency": charge["currency"]}
    moved |= {"created": box.clock.stamp(), "available_on": box.clock.stamp(), "source": source, "type": kind}
    moved |= {"reporting_category": kind, "status": "available", "description": charge["description"]}
    if fee:
        detail = {"amount": fee, "application": None, "currency": charge["currency"], "type": "stripe_fee"}
        moved["fee_details"] = [detail | {"description": "Local Stripe processing fees"}]
    box.store.put("balance_transaction", moved)
    return str(moved["id"])


def _charge(box: Sandbox, intent: Json, method: Json) -> Json:
    card = method["card"]
    charge = objects.charge()
    charge |= {"id": box.ids.new("ch_3"), "created": box.clock.stamp(), "payment_intent": intent["id"]}
    charge |= {name: intent[name] for name in ("amount", "currency", "description", "metadata", "receipt_email", "shipping")}
    charge |= {name: intent[name] for name in ("statement_descriptor", "statement_descriptor_suffix", "transfer_group")}
    charge |= {"payment_method": method["id"], "billing_details": method["billing_details"]}
    charge["calculated_statement_descriptor"] = box.options.merchant.upper()[:22]
    unavailable = {"status": "unavailable"}
    charge["payment_method_details"] = {
        "card": {
            "amount_authorized": intent["amount"], "authorization_code": "123456", "brand": card["brand"],
            "checks": card["checks"], "country": card["country"], "exp_month": card["exp_month"],
            "exp_year": card["exp_year"], "extended_authorization": {"status": "disabled"},
            "fingerprint": card["fingerprint"], "funding": card["funding"], "incremental_authorization": unavailable,
            "installments": None, "last4": card["last4"], "mandate": None, "multicapture": unavailable,
            "network": card["brand"], "network_token": {"used": False}, "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
            "regulated_status": "unregulated", "three_d_secure": None, "transaction_link_id": None, "wallet": None,
        },
        "type": "card",
    }  # fmt: skip
    return charge


def _checks(cvc: str) -> Json:
    return {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": cvc}


def _outcome(network: str, kind: str, reason: str | None) -> Json:
    message = "Payment complete." if reason is None else "The bank declined the payment."
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None, "network_status": network,
        "reason": reason, "risk_level": "normal", "risk_score": 12, "seller_message": message, "type": kind,
    }  # fmt: skip

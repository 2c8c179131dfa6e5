"""Payment methods: a card or a bank account given to an intent, and how a charge describes it."""

from typing import Any

from sandbox.box import Sandbox
from sandbox.cards import Card, TestCard, look_up

Json = dict[str, Any]


def attach_card(box: Sandbox, intent: Json, card: Card, customer: Json) -> None:
    """Make a payment method of the card and give it to the intent, whose earlier error is forgotten."""
    details = {
        "brand": card.brand, "checks": _CHECKS, "country": "US", "display_brand": card.brand, "exp_month": card.month,
        "exp_year": card.year, "fingerprint": card.fingerprint, "funding": "credit", "generated_from": None,
        "last4": card.last4, "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated", "three_d_secure_usage": {"supported": True}, "wallet": None,
    }  # fmt: skip
    method = _attach(box, intent, {"type": "card", "card": details}, customer, card.name)
    box.store.put("private.card", {"number": card.number}, method)


def attach_bank_account(box: Sandbox, intent: Json, customer: Json) -> None:
    """The same with an account that is debited days later (SEPA)."""
    details = {
        "bank_code": "37040044", "branch_code": "", "country": "DE", "fingerprint": "vifs0Ho7vwRn1Miu",
        "generated_from": {"charge": None, "setup_attempt": None}, "last4": "3000",
    }  # fmt: skip
    _attach(box, intent, {"type": "sepa_debit", "sepa_debit": details}, customer)


def test_card(box: Sandbox, charge: Json) -> TestCard:
    """The meaning of the card that was charged; none for a bank account."""
    known = box.store.find("private.card", charge["payment_method"])
    return look_up(known["number"]) if known else TestCard("", "no card")


def on_charge(intent: Json, method: Json) -> Json:
    """``payment_method_details`` of a charge."""
    kind = method["type"]
    return {kind: _card(intent, method["card"]) if kind == "card" else _bank_account(method["sepa_debit"]), "type": kind}


def authenticated(box: Sandbox) -> Json:
    """What a charge says of a 3-D Secure authentication."""
    return {
        "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": None,
        "result": "authenticated", "result_reason": None, "transaction_id": box.ids.new(""), "version": "2.2.0",
    }  # fmt: skip


_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


def _attach(box: Sandbox, intent: Json, details: Json, customer: Json, name: str = "") -> str:
    billing = {name: customer[name] for name in ("address", "email", "name", "phone")} | {"tax_id": None}
    method = {
        "id": box.ids.new("pm_1"), "object": "payment_method", "allow_redisplay": "limited",
        "billing_details": billing | {"name": name or customer["name"]}, "created": box.clock.stamp(), "customer": None,
        "customer_account": None, "livemode": False, "metadata": {}, **details,
    }  # fmt: skip
    box.store.put("payment_method", method)
    intent |= {"payment_method": method["id"], "last_payment_error": None}
    return str(method["id"])


def _card(intent: Json, card: Json) -> Json:
    unavailable = {"status": "unavailable"}
    return {
        "amount_authorized": intent["amount"], "authorization_code": "123456", "brand": card["brand"],
        "checks": card["checks"], "country": card["country"], "exp_month": card["exp_month"],
        "exp_year": card["exp_year"], "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"], "funding": card["funding"], "incremental_authorization": unavailable,
        "installments": None, "last4": card["last4"], "mandate": None, "multicapture": unavailable,
        "network": card["brand"], "network_token": {"used": False}, "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated", "three_d_secure": None, "transaction_link_id": None, "wallet": None,
    }  # fmt: skip


def _bank_account(account: Json) -> Json:
    kept = {name: account[name] for name in ("bank_code", "branch_code", "country", "fingerprint", "last4")}
    return kept | {"expected_debit_date": None, "mandate": None}

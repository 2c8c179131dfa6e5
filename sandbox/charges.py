"""Charges: declined, pending, authorised, captured; the money that moves is written to the balance."""

from typing import Any

from sandbox import later, methods, money, objects
from sandbox.box import Sandbox
from sandbox.cards import Decline
from sandbox.events import emit

Json = dict[str, Any]

AUTHORISED_FOR = 7 * 24 * 60 * 60
_BANK_SAID_NO = Decline("payment_intent_payment_attempt_failed", None, "The payment failed.")


def decline(box: Sandbox, intent: Json, why: Decline, *, charged: bool = True) -> None:
    """The card is refused: the intent waits for another one. ``charged``: the bank was asked, so a failed charge stays."""
    if charged:
        method = box.store.get("payment_method", intent["payment_method"])
        charge = _charge(box, intent, method)
        intent["latest_charge"] = charge["id"]
        _fail(box, charge, why)
    _refuse(box, intent, why, charged=charged)


def authorise(box: Sandbox, intent: Json, *, authenticated: bool) -> None:
    """The bank agrees: reserve the amount under manual capture, take it otherwise."""
    method = box.store.get("payment_method", intent["payment_method"])
    charge = _charge(box, intent, method)
    _approve(charge)
    if authenticated:
        charge["payment_method_details"]["card"]["three_d_secure"] = methods.authenticated(box)
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


def begin(box: Sandbox, intent: Json) -> None:
    """A bank account is asked, and answers days later."""
    charge = _charge(box, intent, box.store.get("payment_method", intent["payment_method"]))
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    box.store.put("charge", charge)
    box.store.put("payment_intent", intent)
    emit(box, "charge.pending", charge)
    emit(box, "payment_intent.processing", intent)


def finish(box: Sandbox, intent: Json, *, success: bool) -> None:
    """The answer: the whole amount is taken at once, or nothing is."""
    charge = box.store.get("charge", intent["latest_charge"])
    if not success:
        _fail(box, charge, _BANK_SAID_NO)
        _refuse(box, intent, _BANK_SAID_NO, charged=True)
        return
    _approve(charge)
    take(box, intent, charge, intent["amount"])
    emit(box, "charge.succeeded", charge)
    emit(box, "payment_intent.succeeded", intent)


def take(box: Sandbox, intent: Json, charge: Json, amount: int) -> None:
    """Move ``amount`` from the card to the balance; the caller tells the world."""
    moved = record(box, charge, amount, fee=(15, 25), kind="charge", source=charge["id"])
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": moved["id"]}
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    box.store.put("charge", charge)
    box.store.put("payment_intent", intent)
    if methods.test_card(box, charge).dispute:
        later.plan(box, "dispute", charge["id"])


def record(
    box: Sandbox, charge: Json, amount: int, *, fee: tuple[int, int] = (0, 0), kind: str, source: str, category: str | None = None
) -> Json:
    """Write a balance transaction. A fee is so much in a thousand and so much more, in the currency of the balance."""
    currency, rate = _balance(box, charge["currency"])
    settled = amount if rate is None else money.exchanged(amount, charge["currency"], currency, rate)
    kept = abs(settled) * fee[0] // 1000 + fee[1]
    moved = objects.balance_transaction()
    moved |= {"id": box.ids.new("txn_3"), "amount": settled, "fee": kept, "net": settled - kept, "currency": currency}
    moved |= {"created": box.clock.stamp(), "available_on": box.clock.stamp(), "source": source, "type": kind}
    moved |= {"reporting_category": category or kind, "status": "available", "description": charge["description"]}
    moved["exchange_rate"] = rate
    if kept:
        detail = {"amount": kept, "application": None, "currency": currency, "type": "stripe_fee"}
        moved["fee_details"] = [detail | {"description": "Local Stripe processing fees"}]
    box.store.put("balance_transaction", moved)
    return moved


def _balance(box: Sandbox, currency: str) -> tuple[str, float | None]:
    """The currency of the balance that money goes to, and the rate at which it is converted, if it is."""
    rate = box.options.exchange.get(currency)
    return (currency, None) if rate is None else (box.options.currency, rate)


def _charge(box: Sandbox, intent: Json, method: Json) -> Json:
    charge = objects.charge()
    charge |= {"id": box.ids.new("ch_3"), "created": box.clock.stamp(), "payment_intent": intent["id"]}
    charge |= {name: intent[name] for name in ("amount", "currency", "description", "metadata", "receipt_email", "shipping")}
    charge |= {name: intent[name] for name in ("statement_descriptor", "statement_descriptor_suffix", "transfer_group")}
    charge |= {"payment_method": method["id"], "billing_details": method["billing_details"]}
    charge["calculated_statement_descriptor"] = box.options.merchant.upper()[:22]
    charge["payment_method_details"] = methods.on_charge(intent, method)
    return charge


def _approve(charge: Json) -> None:
    charge |= {"status": "succeeded", "paid": True, "outcome": _outcome("approved_by_network", "authorized", None)}


def _fail(box: Sandbox, charge: Json, why: Decline) -> None:
    charge |= {"status": "failed", "failure_code": why.code, "failure_message": why.message}
    charge["outcome"] = _outcome("declined_by_network", "issuer_declined", why.decline_code or why.code)
    box.store.put("charge", charge)
    emit(box, "charge.failed", charge)


def _refuse(box: Sandbox, intent: Json, why: Decline, *, charged: bool) -> None:
    error: Json = {"type": "card_error", "code": why.code, "message": why.message}
    error["payment_method"] = box.store.get("payment_method", intent["payment_method"])
    error["doc_url"] = f"https://stripe.com/docs/error-codes/{why.code.replace('_', '-')}"
    if why.decline_code:
        error["decline_code"] = why.decline_code
    if charged:
        error["charge"] = intent["latest_charge"]
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    box.store.put("payment_intent", intent)
    emit(box, "payment_intent.payment_failed", intent)


def _outcome(network: str, kind: str, reason: str | None) -> Json:
    message = "Payment complete." if reason is None else "The bank declined the payment."
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None, "network_status": network,
        "reason": reason, "risk_level": "normal", "risk_score": 12, "seller_message": message, "type": kind,
    }  # fmt: skip

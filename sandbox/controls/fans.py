"""What fans and their banks do: pay, authenticate, and answer days later."""

from typing import Any

from flask import Response, jsonify

from sandbox import confirm, fan
from sandbox.controls.door import body, check_names, choice, control, its_box, text
from sandbox.sessions import retrieve
from sandbox.tidy import tidy

Json = dict[str, Any]

_FIELDS = ("session", "card", "email", "name", "phone", "address", "shipping_rate", "authenticate")


@control.post("/pay")
def pay() -> Response:
    """A fan who needs no browser: ``{"session", "card"?, "email"?, "name"?, "phone"?, "address"?, "shipping_rate"?,
    "authenticate"?: "complete" | "fail"}`` → ``{outcome, session, payment_intent, error}``. The card ``sepa_debit`` is a bank
    account, which pays days later."""
    wanted, box = check_names(body(), *_FIELDS), its_box()
    tidy(box)
    for name in ("card", "email", "name"):
        text(wanted, name, "")
    session_id = text(wanted, "session")
    outcome = fan.pay(box, session_id, wanted.get("card", "4242424242424242"), wanted)
    if outcome == "authenticate" and wanted.get("authenticate"):
        return _authenticated(session_id, choice(wanted, "authenticate", "complete", "fail"))
    return _outcome(session_id, outcome)


@control.post("/authenticate")
def authenticate() -> Response:
    """``{"session", "result": "complete" | "fail"}``: the bank's answer to a 3-D Secure card."""
    wanted = check_names(body(), "session", "result")
    return _authenticated(text(wanted, "session"), choice(wanted, "result", "complete", "fail"))


@control.post("/settle")
def settle() -> Response:
    """``{"session", "result": "succeed" | "fail"}``: the answer of a bank account that was to pay later."""
    wanted, box = check_names(body(), "session", "result"), its_box()
    result = choice(wanted, "result", "succeed", "fail")
    with box.store.transaction():
        confirm.settle(box, text(wanted, "session"), success=result == "succeed")
    return _outcome(wanted["session"], result)


def _authenticated(session_id: str, result: str) -> Response:
    with its_box().store.transaction():
        outcome = confirm.authenticate(its_box(), session_id, success=result == "complete")
    return _outcome(session_id, outcome)


def _outcome(session_id: str, outcome: str) -> Response:
    session = retrieve(its_box(), session_id)
    intent = its_box().store.find("payment_intent", session["payment_intent"] or "")
    error = intent["last_payment_error"] if intent else None
    return jsonify(outcome=outcome, session=session, payment_intent=intent, error=error)

"""What people do in Stripe's dashboard, and what banks do to them: no API request stands behind these events."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify

from sandbox import disputes, intents, refunds
from sandbox.box import Sandbox
from sandbox.controls.door import body, check_names, choice, control, its_box, maybe, text
from sandbox.tidy import tidy

Json = dict[str, Any]

_DISPUTE: dict[str, Callable[[Sandbox, str], Json]] = {
    "respond": disputes.respond,
    "escalate": disputes.escalate,
    "win": lambda box, dispute_id: disputes.close(box, dispute_id, won=True),
    "lose": lambda box, dispute_id: disputes.close(box, dispute_id, won=False),
}


@control.post("/dashboard/refund")
def refund() -> Response:
    """``{"payment_intent", "amount"?, "reason"?}``: give back the rest, or a part → the refund."""
    wanted = check_names(body(), "payment_intent", "amount", "reason")
    text(wanted, "payment_intent")
    maybe(wanted, "amount")
    return _do(lambda box: refunds.create(box, wanted))


@control.post("/dashboard/refunds/<refund_id>")
def end_refund(refund_id: str) -> Response:
    """``{"result": "succeed" | "fail", "reason"?}``: the bank has paid it out, or sends it back → the refund."""
    wanted = check_names(body(), "result", "reason")
    reason = text(wanted, "reason", "lost_or_stolen_card")
    if choice(wanted, "result", "succeed", "fail") == "succeed":
        return _do(lambda box: refunds.succeed(box, refund_id))
    return _do(lambda box: refunds.fail(box, refund_id, reason))


@control.post("/dashboard/capture")
def capture() -> Response:
    """``{"payment_intent"}``: take what was authorised → the intent."""
    intent_id = text(check_names(body(), "payment_intent"), "payment_intent")
    return _do(lambda box: intents.capture(box, intent_id, {}))


@control.post("/dashboard/cancel")
def cancel() -> Response:
    """``{"payment_intent", "reason"?: "requested_by_customer"}``: let it go → the intent."""
    wanted = check_names(body(), "payment_intent", "reason")
    reason = {"cancellation_reason": text(wanted, "reason", "requested_by_customer")}
    return _do(lambda box: intents.cancel(box, text(wanted, "payment_intent"), reason))


@control.post("/dashboard/dispute")
def dispute() -> Response:
    """``{"payment_intent", "reason"?: "fraudulent", "amount"?, "inquiry"?: false}``: the fan's bank disputes → the dispute."""
    wanted = check_names(body(), "payment_intent", "reason", "amount", "inquiry")
    intent = intents.retrieve(its_box(), text(wanted, "payment_intent"))
    reason, amount = text(wanted, "reason", "fraudulent"), maybe(wanted, "amount")
    inquiry = bool(wanted.get("inquiry", False))
    charge = intent["latest_charge"] or ""
    return _do(lambda box: disputes.open_dispute(box, charge, reason=reason, inquiry=inquiry, amount=amount))


@control.post("/dashboard/disputes/<dispute_id>")
def go_on(dispute_id: str) -> Response:
    """``{"deed": "respond" | "escalate" | "win" | "lose"}`` → the dispute."""
    deed = choice(check_names(body(), "deed"), "deed", *_DISPUTE)
    return _do(lambda box: _DISPUTE[deed](box, dispute_id))


def _do(deed: Callable[[Sandbox], Json]) -> Response:
    box = its_box()
    tidy(box)
    with box.store.transaction():
        done = deed(box)
    return jsonify(done)

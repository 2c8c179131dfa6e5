"""The front page for people: what the local Stripe has seen, newest first, read-only."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, render_template

from sandbox import money
from sandbox.box import Sandbox
from sandbox.tidy import tidy

Json = dict[str, Any]

desk = Blueprint("desk", __name__)

_SHOWN = 100
_GOOD = {"complete", "paid", "succeeded", "delivered", "requires_capture", "won", "warning_closed"}
_BAD = {"failed", "canceled", "expired", "lost", "needs_response"}


@dataclass(frozen=True)
class Row:
    """One line of a table: an id, what it is about, an amount, a state with its mood, a time and perhaps a link."""

    id: str
    about: str
    amount: str
    state: str
    at: str
    link: str = ""

    @property
    def mood(self) -> str:
        """``good``, ``bad`` or nothing, for the colour; the word says it too."""
        return "good" if self.state in _GOOD else "bad" if self.state in _BAD else ""


@desk.get("/")
def index() -> str:
    """Sessions, payments, refunds, disputes and deliveries."""
    box: Sandbox = current_app.extensions["sandbox"]
    tidy(box)
    tables = {
        "Checkout sessions": [_session(s) for s in _newest(box, "checkout.session")],
        "Payments": [_intent(i) for i in _newest(box, "payment_intent")],
        "Refunds": [_refund(r) for r in _newest(box, "refund")],
        "Disputes": [_dispute(d) for d in _newest(box, "dispute")],
        "Webhook deliveries": [_delivery(d) for d in _newest(box, "delivery")],
    }
    return render_template("desk.html", tables=tables, now=_time(box.clock.now()), webhook=box.options.webhook)


def _newest(box: Sandbox, kind: str) -> list[Json]:
    return box.store.newest(kind)[:_SHOWN]


def _session(session: Json) -> Row:
    link = session["url"] if session["status"] == "open" else ""
    about = session["customer_email"] or (session["customer_details"] or {}).get("email") or ""
    amount = money.shown(session["amount_total"], session["currency"])
    return Row(session["id"], about, amount, session["status"], _time(session["created"]), link)


def _intent(intent: Json) -> Row:
    error = intent["last_payment_error"]
    about = error["message"] if error else f"{intent['capture_method']} capture"
    amount = money.shown(intent["amount"], intent["currency"])
    return Row(intent["id"], about, amount, intent["status"], _time(intent["created"]))


def _refund(refund: Json) -> Row:
    amount = money.shown(refund["amount"], refund["currency"])
    return Row(refund["id"], refund["payment_intent"] or "", amount, refund["status"], _time(refund["created"]))


def _dispute(dispute: Json) -> Row:
    amount = money.shown(dispute["amount"], dispute["currency"])
    about = f"{dispute['reason']}, {dispute['payment_intent']}"
    return Row(dispute["id"], about, amount, dispute["status"], _time(dispute["created"]))


def _delivery(delivery: Json) -> Row:
    last = delivery["attempts"][-1] if delivery["attempts"] else None
    answer = f"{len(delivery['attempts'])} tries, last: {last['status'] or last['error']}" if last else "not tried"
    return Row(delivery["event"], delivery["type"], answer, delivery["state"], _time(last["at"]) if last else "")


def _time(stamp: float) -> str:
    return datetime.fromtimestamp(stamp, UTC).strftime("%d %b, %H:%M:%S UTC")

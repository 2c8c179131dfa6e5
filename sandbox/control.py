"""Controls for tests and the simulator under ``/_local``, behind a token of their own; JSON in, JSON out."""

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox import confirm
from sandbox.api import tidy
from sandbox.box import Sandbox
from sandbox.cards import Card
from sandbox.delivery import MODES, Behaviour, Deliveries
from sandbox.errors import StripeError, invalid
from sandbox.mail import Mailbox
from sandbox.sessions import retrieve

Json = dict[str, Any]

control = Blueprint("control", __name__, url_prefix="/_local")

_MOST_COPIES = 100
_ADDRESS = {"line1": "Prüfweg 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}


@control.before_request
def check_token() -> tuple[Response, int] | None:
    """401 without the token; a browser page on this machine cannot know it."""
    expected = _box().options.control_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        return jsonify(error={"message": "The control token is missing or wrong."}), 401
    return None


@control.errorhandler(StripeError)
def refused(refusal: StripeError) -> tuple[Response, int]:
    """Bad input, in the same envelope as the API's."""
    return jsonify(refusal.body()), refusal.status


@control.get("/clock")
def clock() -> Response:
    """``{now, offset, file_offset}`` in seconds."""
    its = _box().clock
    return jsonify(now=its.now(), offset=its.offset, file_offset=its.file_offset())


@control.post("/clock")
def move_clock() -> Response:
    """``{"set": instant}`` or ``{"advance": seconds}``; what falls due happens before the answer."""
    wanted, box = _json(), _box()
    if "set" in wanted:
        box.clock.set(_number(wanted, "set"))
    else:
        box.clock.advance(_number(wanted, "advance"))
    tidy(box)
    return clock()


@control.get("/webhooks")
def webhooks() -> Response:
    """``{mode, times, idle, waiting: {held, pending}}``."""
    deliveries, behaviour = _deliveries(), _deliveries().behaviour
    states = [d["state"] for d in _box().store.all("delivery")]
    waiting = {state: states.count(state) for state in ("held", "pending")}
    return jsonify(mode=behaviour.mode, times=behaviour.times, idle=deliveries.idle(), waiting=waiting)


@control.post("/webhooks")
def set_webhooks() -> Response:
    """``{"mode": "deliver" | "hold" | "drop" | "duplicate", "times": n}``; for events from now on."""
    wanted = _json()
    mode = next((m for m in MODES if m == wanted.get("mode")), None)
    if mode is None:
        raise invalid(f"mode must be one of {', '.join(MODES)}", param="mode")
    times = wanted.get("times", 2)
    if not isinstance(times, int) or not 1 <= times <= _MOST_COPIES:
        raise invalid(f"times must be from 1 to {_MOST_COPIES}", param="times")
    _deliveries().behaviour = Behaviour(mode, times)
    return webhooks()


@control.post("/webhooks/flush")
def flush() -> Response:
    """Send what is held and what waits for a retry, now: ``{sent}``."""
    return jsonify(sent=_deliveries().flush())


@control.post("/webhooks/resend")
def resend() -> Response:
    """``{"event": "evt_…", "times": 1}``: send it again, whatever became of it."""
    wanted, box = _json(), _box()
    event = box.store.get("event", _text(wanted, "event"), param="event")
    times = wanted.get("times", 1)
    if not isinstance(times, int) or not 1 <= times <= _MOST_COPIES:
        raise invalid(f"times must be from 1 to {_MOST_COPIES}", param="times")
    _deliveries().enqueue(event["id"], behaviour=Behaviour("duplicate", times))
    return jsonify(event=event["id"], sent=times)


@control.get("/deliveries")
def deliveries() -> Response:
    """The delivery log, oldest first; ``?event=`` and ``?type=`` narrow it."""
    wanted = {name: request.args[name] for name in ("event", "type", "state") if name in request.args}
    return jsonify(_box().store.select("delivery", lambda d: all(d[k] == v for k, v in wanted.items())))


@control.post("/pay")
def pay() -> Response:
    """A fan who needs no browser: ``{"session", "card", "email"?, "name"?, "phone"?, "address"?, "shipping_rate"?,
    "authenticate"?: "complete" | "fail"}`` → ``{outcome, session, payment_intent, error}``."""
    wanted, box = _json(), _box()
    tidy(box)
    session = retrieve(box, _text(wanted, "session"))
    card = Card("".join(_text(wanted, "card", "4242424242424242").split()))
    with box.store.transaction():
        outcome = confirm.pay(box, session["id"], card, _details(wanted, session))
    if outcome == "authenticate" and wanted.get("authenticate"):
        return _authenticated(box, session["id"], success=wanted["authenticate"] == "complete")
    return _outcome(box, session["id"], outcome)


@control.post("/authenticate")
def authenticate() -> Response:
    """``{"session", "result": "complete" | "fail"}``: the bank's answer to a 3-D Secure card."""
    wanted = _json()
    return _authenticated(_box(), _text(wanted, "session"), success=_text(wanted, "result") == "complete")


@control.get("/requests")
def requests() -> Response:
    """The API's request log, oldest first; ``?method=`` and ``?path=`` (a beginning) narrow it."""
    method, path = request.args.get("method"), request.args.get("path", "")
    log = list(_box().requests)
    return jsonify([r for r in log if r["path"].startswith(path) and method in (None, r["method"])])


@control.post("/reset")
def reset() -> Response:
    """Forget objects, logs, queues, clock offset and mail (unless ``{"mail": false}``)."""
    box, wanted = _box(), _json()
    _deliveries().forget()
    box.store.clear()
    box.requests.clear()
    box.clock.offset = 0.0
    if wanted.get("mail", True):
        mailbox: Mailbox = current_app.extensions["mailbox"]
        mailbox.clear()
    return jsonify(reset=True)


def _authenticated(box: Sandbox, session_id: str, *, success: bool) -> Response:
    with box.store.transaction():
        outcome = confirm.authenticate(box, session_id, success=success)
    return _outcome(box, session_id, outcome)


def _outcome(box: Sandbox, session_id: str, outcome: str) -> Response:
    session = retrieve(box, session_id)
    intent = box.store.find("payment_intent", session["payment_intent"] or "")
    error = intent["last_payment_error"] if intent else None
    return jsonify(outcome=outcome, session=session, payment_intent=intent, error=error)


def _details(wanted: Json, session: Json) -> confirm.Details:
    """Who pays; an address is made up where the session asks for one and none is given."""
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries") or []
    made_up = _ADDRESS | {"country": allowed[0]} if allowed else {}
    address = wanted.get("address", made_up)
    if not isinstance(address, Mapping) or set(address) - {"line1", "line2", "city", "postal_code", "state", "country"}:
        raise invalid("address takes line1, line2, city, postal_code, state and country", param="address")
    return confirm.Details(
        email=_text(wanted, "email", "fan@example.com"),
        name=_text(wanted, "name", "Ada Fan"),
        phone=wanted.get("phone"),
        address=dict(address),
        shipping_rate=wanted.get("shipping_rate"),
    )


def _json() -> Json:
    value = request.get_json(silent=True)
    if value is None and not request.get_data():
        return {}
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value


def _text(wanted: Json, name: str, default: str | None = None) -> str:
    value = wanted.get(name, default)
    if not isinstance(value, str):
        raise invalid(f"{name} must be a string", param=name)
    return value


def _number(wanted: Json, name: str) -> float:
    value = wanted.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e11:
        raise invalid(f"{name} must be a number of seconds", param=name)
    return float(value)


def _box() -> Sandbox:
    box: Sandbox = current_app.extensions["sandbox"]
    return box


def _deliveries() -> Deliveries:
    sender: Deliveries = current_app.extensions["deliveries"]
    return sender

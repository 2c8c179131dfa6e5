"""The ``/v1`` of the local Stripe: routes, keys, idempotency, request log, Stripe's headers and envelope."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, request
from stripe import params as p
from stripe.params import checkout as cs

from sandbox import account, idempotency, intents, lists, refunds, sessions
from sandbox.box import API_VERSION, Cause, Sandbox, cause
from sandbox.errors import StripeError, invalid, unauthorised, unsupported
from sandbox.params import read

Json = dict[str, Any]

api = Blueprint("api", __name__, url_prefix="/v1")


@dataclass(frozen=True)
class Call:
    """One request on its way: ``params`` are typed and valid, ``id`` is the object in the path, ``base`` our own address."""

    box: Sandbox
    params: Json = field(default_factory=dict)
    id: str = ""
    base: str = ""
    path: str = ""


def _page(items: Callable[[Sandbox, Json], list[Json]]) -> Callable[[Call], Json]:
    return lambda c: lists.page(items(c.box, c.params), c.params, c.path)


def _stored(kind: str) -> Callable[[Call], Json]:
    return lambda c: c.box.store.get(kind, c.id)


def _line_items(c: Call) -> Json:
    sessions.retrieve(c.box, c.id)
    return lists.line_items(c.box, c.id, c.params)


def _events(box: Sandbox, params: Json) -> list[Json]:
    """Events of the last 30 days, newest first."""
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.")
    types = params.get("types") or ([params["type"]] if "type" in params else [])
    if len(types) > 20:
        raise invalid("Array types exceeded maximum 20 allowed elements.", param="types")
    fits, oldest = lists.created_filter(params.get("created")), box.clock.now() - 30 * 24 * 60 * 60

    def wanted(event: Json) -> bool:
        named = not types or any(_names(pattern, event["type"]) for pattern in types)
        sent = params.get("delivery_success") in (None, event["pending_webhooks"] == 0)
        return bool(named and sent and fits(event) and event["created"] >= oldest)

    return box.store.select("event", wanted)[::-1]


def _names(pattern: str, kind: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


def _update_intent(c: Call) -> Json:
    for name in set(c.params) - {"metadata", "description", "expand"}:
        raise unsupported(name, "changing anything but metadata and description.")
    return intents.update(c.box, c.id, c.params)


ROUTES: tuple[tuple[str, str, type, Callable[[Call], Json]], ...] = (
    ("POST", "/checkout/sessions", cs.SessionCreateParams, lambda c: sessions.create(c.box, c.params, c.base)),
    ("GET", "/checkout/sessions", cs.SessionListParams, _page(sessions.listed)),
    ("GET", "/checkout/sessions/<id>", cs.SessionRetrieveParams, lambda c: sessions.retrieve(c.box, c.id)),
    ("POST", "/checkout/sessions/<id>/expire", cs.SessionExpireParams, lambda c: sessions.expire(c.box, c.id)),
    ("GET", "/checkout/sessions/<id>/line_items", cs.SessionListLineItemsParams, _line_items),
    ("GET", "/payment_intents", p.PaymentIntentListParams, _page(intents.listed)),
    ("GET", "/payment_intents/<id>", p.PaymentIntentRetrieveParams, lambda c: intents.retrieve(c.box, c.id)),
    ("POST", "/payment_intents/<id>", p.PaymentIntentUpdateParams, _update_intent),
    ("POST", "/payment_intents/<id>/capture", p.PaymentIntentCaptureParams, lambda c: intents.capture(c.box, c.id, c.params)),
    ("POST", "/payment_intents/<id>/cancel", p.PaymentIntentCancelParams, lambda c: intents.cancel(c.box, c.id, c.params)),
    ("GET", "/charges/<id>", p.ChargeRetrieveParams, _stored("charge")),
    ("POST", "/refunds", p.RefundCreateParams, lambda c: refunds.create(c.box, c.params)),
    ("GET", "/refunds", p.RefundListParams, _page(refunds.listed)),
    ("GET", "/refunds/<id>", p.RefundRetrieveParams, lambda c: refunds.retrieve(c.box, c.id)),
    ("GET", "/events", p.EventListParams, _page(_events)),
    ("GET", "/events/<id>", p.EventRetrieveParams, _stored("event")),
    ("GET", "/payment_methods/<id>", p.PaymentMethodRetrieveParams, _stored("payment_method")),
    ("GET", "/balance_transactions/<id>", p.BalanceTransactionRetrieveParams, _stored("balance_transaction")),
    ("GET", "/account", p.AccountRetrieveCurrentParams, lambda c: account.account(c.box)),
    ("GET", "/balance", p.BalanceRetrieveParams, lambda c: account.balance(c.box)),
)


def _view(params: type, run: Callable[[Call], Json]) -> Callable[..., Response]:
    def view(id: str = "") -> Response:  # noqa: A002  # the name in the route
        return _answer(params, run, id)

    return view


for _number, (_method, _path, _params, _run) in enumerate(ROUTES):
    api.add_url_rule(_path, f"route_{_number}", _view(_params, _run), methods=[_method])


@api.route("/<path:_unknown>", methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
def unknown(_unknown: str) -> Response:
    """Every other address: Stripe's 404 in Stripe's envelope."""
    box: Sandbox = current_app.extensions["sandbox"]
    message = f"Unrecognized request URL ({request.method}: {request.path})."
    return _respond(StripeError(message, status=404).body(), 404, box.ids.new("req_", 14))


def _answer(params: type, run: Callable[[Call], Json], object_id: str) -> Response:
    """From request to response: who asks, which key, what, and the line in the log."""
    box: Sandbox = current_app.extensions["sandbox"]
    request_id = box.ids.new("req_", 14)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    entry: Json = {"id": request_id, "at": box.clock.now(), "method": request.method, "path": request.path}
    entry |= {"params": None, "idempotency_key": key, "replayed": False, "status": 500}
    box.requests.append(entry)
    try:
        _check_key()
        pairs = _pairs()
        print_ = idempotency.fingerprint(request.method, request.path, pairs)
        with idempotency.claimed(box, key):
            known = idempotency.saved(box, key, print_)
            if known:
                entry |= {"status": known["status"], "replayed": True}
                return _respond(known["body"], known["status"], known["request_id"], replayed=True)
            call = Call(box, read(pairs, params), object_id, request.host_url, request.path)
            entry["params"] = call.params
            status, body, keep = _run_call(call, run, Cause(request_id, key))
            if keep:
                idempotency.save(box, key, print_, {"status": status, "body": body, "request_id": request_id})
    except StripeError as refusal:
        status, body = refusal.status, refusal.body()
    entry["status"] = status
    return _respond(body, status, request_id)


def _run_call(call: Call, run: Callable[[Call], Json], why: Cause) -> tuple[int, Json, bool]:
    """Status, body, and whether an idempotency key remembers them."""
    tidy(call.box)
    token = cause.set(why)
    try:
        with call.box.store.transaction():
            return 200, lists.expand(call.box, run(call), call.params.get("expand") or []), True
    except StripeError as refusal:
        return refusal.status, refusal.body(), refusal.saved
    finally:
        cause.reset(token)


def tidy(box: Sandbox) -> None:
    """Let the clock do its work: sessions and authorisations whose time is over end."""
    with box.store.transaction():
        sessions.sweep(box)
        intents.sweep(box)


def _pairs() -> list[tuple[str, str]]:
    """The parameters as they were sent: the query of a GET, query and form body of a POST."""
    try:
        query = parse_qsl(request.query_string.decode(), keep_blank_values=True, errors="strict")
        body = request.get_data(cache=False).decode() if request.method == "POST" else ""
        return query + parse_qsl(body, keep_blank_values=True, errors="strict")
    except ValueError as problem:
        raise invalid("Invalid request: the body is not valid UTF-8 form data.") from problem


def _check_key() -> None:
    """Bearer or Basic with a test key; anything else is a 401."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    key = value.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key or scheme.lower() not in ("bearer", "basic"):
        raise unauthorised(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer"
            " auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        shown = f"{key[:7]}…{key[-4:]}" if len(key) > 16 else "…"
        raise unauthorised(f"Invalid API Key provided: {shown}. The local Stripe takes test keys only.")


def _respond(body: Json, status: int, request_id: str, *, replayed: bool = False) -> Response:
    response = Response(json.dumps(body, indent=2), status, content_type="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = request_id
    return response

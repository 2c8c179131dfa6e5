"""The ``/v1`` of the local Stripe: from request to answer, through faults, keys, limits, idempotency and the request log."""

import base64
import binascii
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, request

from sandbox import fan, idempotency, lists
from sandbox.box import API_VERSION, Cause, Sandbox, cause
from sandbox.errors import StripeError, invalid, unauthorised
from sandbox.faults import Met, limited
from sandbox.forms import decode
from sandbox.params import read
from sandbox.routes import ROUTES, Call, Route
from sandbox.tidy import tidy

Json = dict[str, Any]

api = Blueprint("api", __name__, url_prefix="/v1")

_CUT = {"hang": TimeoutError, "hang-after": TimeoutError, "reset": ConnectionResetError, "lost": ConnectionResetError}


@dataclass(frozen=True)
class Answer:
    """What the caller is to hear."""

    status: int
    body: Json
    request_id: str
    headers: dict[str, str]


def _view(route: Route) -> Callable[..., Response]:
    def view(id: str = "") -> Response:  # noqa: A002  # the name in the route
        return _answer(route, id)

    return view


for _number, _route in enumerate(ROUTES):
    api.add_url_rule(_route.path, f"route_{_number}", _view(_route), methods=[_route.method])


@api.route("/<path:_unknown>", methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
def unknown(_unknown: str) -> Response:
    """Every other address: Stripe's 404 in Stripe's envelope."""
    box = _box()
    message = f"Unrecognized request URL ({request.method}: {request.path})."
    refusal, request_id = StripeError(message, status=404), box.ids.new("req_", 14)
    box.requests.append(_entry(box, request_id, Met()) | {"status": 404, "error": refusal.body()["error"]})
    return _respond(Answer(404, refusal.body(), request_id, {}))


def _answer(route: Route, object_id: str) -> Response:
    """Log the request, let the faults on the line have their way with it, and answer."""
    box = _box()
    request.get_data()  # also of a call that is cut at once: what lies unread keeps the connection open
    met = box.faults.meet(request.method, request.path)
    request_id = box.ids.new("req_", 14)
    entry = _entry(box, request_id, met)
    box.requests.append(entry)
    box.faults.wait(met.delay)
    if met.kind in ("reset", "hang"):
        return _cut(box, met)
    answer = _decide(box, route, object_id, met, entry)
    entry |= {"status": answer.status, "object": answer.body.get("id"), "error": answer.body.get("error")}
    if met.kind in ("lost", "hang-after"):
        return _cut(box, met)
    return _respond(answer, met)


def _decide(box: Sandbox, route: Route, object_id: str, met: Met, entry: Json) -> Answer:
    """What Stripe says: first who asks and how often, then the key, then the deed."""
    request_id, key = entry["id"], entry["idempotency_key"]
    try:
        _check_key()
        pairs = _pairs()
        entry["params"] = decode(pairs)
        met.refuse_early()
        if reason := box.rates.take(route.name):
            raise limited(reason)
        print_ = idempotency.fingerprint(request.method, request.path, pairs)
        with idempotency.claimed(box, key):
            known = idempotency.saved(box, key, print_)
            if known:
                entry["replayed"] = True
                replayed = {"Idempotent-Replayed": "true", "Original-Request": known["request_id"]}
                return Answer(known["status"], known["body"], known["request_id"], replayed)
            call = Call(box, read(pairs, route.params), object_id, request.host_url, request.path)
            entry["params"] = call.params
            status, body, keep = _run(call, route, Cause(request_id, key), met)
            if keep:
                idempotency.save(box, key, print_, {"status": status, "body": body, "request_id": request_id})
            return Answer(status, body, request_id, {})
    except StripeError as refusal:
        return Answer(refusal.status, refusal.body(), request_id, refusal.headers)


def _run(call: Call, route: Route, why: Cause, met: Met) -> tuple[int, Json, bool]:
    """Status, body, and whether an idempotency key remembers them."""
    tidy(call.box)
    try:
        met.refuse()
        if met.kind == "pay-before":
            _pay(call.box, call.id, met)
        with _caused(why), call.box.store.transaction():
            body = lists.expand(call.box, route.run(call), call.params.get("expand") or [])
        if met.kind == "pay-after":
            _pay(call.box, call.id or body.get("id", ""), met)
        met.refuse_late()
    except StripeError as refusal:
        return refusal.status, refusal.body(), refusal.saved
    return 200, body, True


def _pay(box: Sandbox, session_id: str, met: Met) -> None:
    """The fan of a fault; one who comes too late, or finds no session, is nobody's trouble."""
    if met.fault:
        with contextlib.suppress(StripeError):
            fan.pay(box, session_id, met.fault.card, {})


@contextlib.contextmanager
def _caused(why: Cause) -> Iterator[None]:
    token = cause.set(why)
    try:
        yield
    finally:
        cause.reset(token)


def _entry(box: Sandbox, request_id: str, met: Met) -> Json:
    """A line of the request log; what is not known yet is filled in later."""
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    entry: Json = {"id": request_id, "at": box.clock.now(), "method": request.method, "path": request.path}
    entry |= {"params": None, "idempotency_key": key, "replayed": False, "fault": met.kind}
    return entry | {"status": None, "object": None, "error": None}


def _pairs() -> list[tuple[str, str]]:
    """The parameters as they were sent: the query of a GET, query and form body of a POST."""
    try:
        query = parse_qsl(request.query_string.decode(), keep_blank_values=True, errors="strict")
        body = request.get_data().decode() if request.method == "POST" else ""
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


def _respond(answer: Answer, met: Met | None = None) -> Response:
    body = answer.body | (met.fault.changes if met and met.fault and met.kind == "alter" else {})
    text = "<html><body><h1>Bad" if met and met.kind == "garbage" else json.dumps(body, indent=2)
    response = Response(text, answer.status, content_type="application/json")
    response.headers["Request-Id"] = answer.request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    response.headers.update(answer.headers)
    return response


def _cut(box: Sandbox, met: Met) -> Response:
    """No answer: the server breaks the connection of a body that raises, a simulator sees the exception itself."""
    kind = met.kind or ""

    def breaks() -> bytes:
        box.faults.wait(met.fault.seconds if met.fault else 0)
        raise _CUT[kind](f"fault: {kind}")

    return Response(iter(breaks, b""))


def _box() -> Sandbox:
    box: Sandbox = current_app.extensions["sandbox"]
    return box

"""The WSGI app: API, payment pages, mail, desk and controls of one local Stripe."""

import time
from collections.abc import Callable

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from sandbox.api import api
from sandbox.box import Options, Sandbox, make_box
from sandbox.clock import Clock
from sandbox.controls import control
from sandbox.delivery import Deliveries, Post
from sandbox.desk import desk
from sandbox.faults import Pause
from sandbox.mail import Mailbox
from sandbox.mail_pages import mail
from sandbox.pay_page import pages

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'"


def make_app(
    options: Options,
    *,
    clock: Clock | None = None,
    post: Post | None = None,
    timer: Callable[[], float] = time.monotonic,
    pause: Pause | None = None,
) -> Flask:
    """A local Stripe without threads of its own. ``post`` sends webhooks instead of HTTP, ``timer`` times the tries, and
    ``pause`` waits where a fault wants it, so that a simulator can drive all three; a broken connection is then an exception
    of the WSGI call. The parts are in ``app.extensions``: ``sandbox``, ``deliveries``, ``mailbox``."""
    box = make_box(options, clock=clock, pause=pause)
    deliveries = Deliveries(box, post, timer)
    box.sender = deliveries
    app = Flask("sandbox")
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.extensions |= {"sandbox": box, "deliveries": deliveries, "mailbox": Mailbox(options.mail_dir)}
    for part in (api, pages, control, mail, desk):
        app.register_blueprint(part)
    app.before_request(lambda: _check_host(box))
    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, _failed)
    return app


def _check_host(box: Sandbox) -> Response | None:
    """Only our own names: a foreign site whose name was pointed at this machine must not read the mail."""
    name = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdecimal() else request.host
    if name in _LOOPBACK or name in box.options.allowed_hosts:
        return None
    return Response("This address is not served here.\n", 403, content_type="text/plain; charset=utf-8")


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _failed(problem: HTTPException) -> AnyResponse:
    """JSON for programs, the plain page for people."""
    if request.path.startswith(("/v1/", "/_local/")):
        body = jsonify(error={"type": "invalid_request_error", "message": problem.description})
        body.status_code = problem.code or 500
        return body
    return Response(problem.get_response().get_data(), problem.code, content_type="text/html; charset=utf-8")

"""One log line per request, by route and not by address, so that no token is ever written down."""

import random
import time

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()


def new_id() -> str:
    """A request's id: no secret, so no question to the system, which would cost this thread its turn."""
    return f"{random.getrandbits(48):012x}"


def install(app: Flask) -> None:
    """Give every request an id and log how it ended."""

    @app.before_request
    def begin() -> None:
        g.request_id, g.began = new_id(), time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static":
            took = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
            route = request.url_rule.rule if request.url_rule else "-"
            log.info("request", method=request.method, route=route, status=response.status_code, ms=took)
        return response

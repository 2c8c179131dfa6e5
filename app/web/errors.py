"""Every no in plain words: a page for people, RFC 9457 problem details for programs, and never a bare 500."""

import uuid

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from jinja2 import Template
from werkzeug.exceptions import HTTPException

from app.inventory.holds import Opened
from app.inventory.models import Hold
from app.kernel.errors import Refusal
from app.web import links

log = structlog.get_logger()

PLAIN = {
    400: ("That request could not be understood", "Something in it is malformed. Please go back and try again."),
    404: ("Nothing here", "There is nothing at this address. Perhaps the link was cut off, or the thing has moved."),
    405: ("Not like that", "This address does not do that. Please go back and use the buttons on the page."),
    411: ("How long is it?", "Say the length of what you send with Content-Length, then send it again."),
    413: ("Too large", "That was more than we accept at once. Please send less."),
    415: ("Not that kind", "We cannot read that kind of content here."),
    429: ("Too many tries", "Please wait a moment and try again."),
}


def install(app: Flask) -> None:
    """Answer refusals, HTTP errors and faults."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, fault)


def wants_json() -> bool:
    """Does the asker prefer JSON? HTML is the default."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def refused(refusal: Refusal) -> Response:
    """A polite no, with its own status; the page offers one thing to do next."""
    if wants_json():
        return problem(refusal)
    names: list[str | Template] = [f"errors/{refusal.code}.html", "errors/refusal.html"]
    page = render_template(names, refusal=refusal, way_on=_way_on(refusal), fields=getattr(refusal, "fields", {}))
    return _answer(make_response(page, refusal.status), refusal.retry_after)


def problem(refusal: Refusal) -> Response:
    """A polite no for programs."""
    return _problem(refusal.status, refusal.code, refusal.title, refusal.detail, refusal.retry_after)


def http_error(error: HTTPException) -> Response:
    """Werkzeug's own errors in our words; redirects pass as they are."""
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    title, detail = PLAIN.get(error.code, (error.name, "That did not work. Please go back and try again."))
    if wants_json():
        answer = _problem(error.code, f"http-{error.code}", title, detail, None)
    else:
        answer = make_response(render_template("errors/plain.html", title=title, detail=detail), error.code)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            answer.headers[name] = value
    return answer


def fault(error: Exception) -> Response:
    """A fault of ours: logged whole under a number that the person can tell us."""
    number = g.get("request_id") or uuid.uuid4().hex[:12]
    log.error("fault", request_id=number, route=request.url_rule.rule if request.url_rule else "-", exc_info=error)
    title, detail = "Something broke on our side", f"It is not your fault, and it has been noted as {number}. Please try again."
    if wants_json():
        return _problem(500, "fault", title, detail, None)
    return make_response(render_template("errors/plain.html", title=title, detail=detail), 500)


def _way_on(refusal: Refusal) -> dict[str, str | None]:
    """Where the person may go from here: the drop and the hold that the refusal is about, else the front, or the desk's."""
    drop, hold = refusal.context.get("drop"), refusal.context.get("hold")
    return {
        "home": "/staff/" if request.path.startswith("/staff") else "/",
        "drop": f"/drops/{drop}" if isinstance(drop, str) else None,
        "hold": links.hold_link(hold) if isinstance(hold, Hold | Opened) else None,
    }


def _problem(status: int, code: str, title: str, detail: str, retry_after: int | None) -> Response:
    answer = jsonify(type=f"about:blank#{code}", code=code, title=title, status=status, detail=detail)
    answer.status_code, answer.content_type = status, "application/problem+json"
    return _answer(answer, retry_after)


def _answer(answer: Response, retry_after: int | None) -> Response:
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    answer.headers["Cache-Control"] = "no-store"
    return answer

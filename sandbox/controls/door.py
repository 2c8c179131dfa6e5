"""Who may use the controls, and how what they send is read."""

import hmac
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox.box import Sandbox
from sandbox.delivery import Deliveries
from sandbox.errors import StripeError, invalid

Json = dict[str, Any]

control = Blueprint("control", __name__, url_prefix="/_local")


@control.before_request
def check_token() -> tuple[Response, int] | None:
    """401 without the token; a browser page on this machine cannot know it."""
    expected = its_box().options.control_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        return jsonify(error={"message": "The control token is missing or wrong."}), 401
    return None


@control.errorhandler(StripeError)
def refused(refusal: StripeError) -> tuple[Response, int]:
    """Bad input, in the same envelope as the API's."""
    return jsonify(refusal.body()), refusal.status


def its_box() -> Sandbox:
    """The account."""
    box: Sandbox = current_app.extensions["sandbox"]
    return box


def its_deliveries() -> Deliveries:
    """The webhook sender."""
    sender: Deliveries = current_app.extensions["deliveries"]
    return sender


def body() -> Json:
    """The request's JSON object, whatever kind it says to be (curl -d says a form); nothing is an empty one."""
    value = request.get_json(force=True, silent=True)
    if value is None and not request.get_data():
        return {}
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value


def check_names(wanted: Json, *known: str) -> Json:
    """The body, refused when it has a field that means nothing: a misspelt control would switch nothing on."""
    for name in wanted:
        if name not in known:
            raise invalid(f"Unknown field {name}; there are {', '.join(known)}", param=name)
    return wanted


def text(wanted: Json, name: str, default: str | None = None) -> str:
    """A string."""
    value = wanted.get(name, default)
    if not isinstance(value, str):
        raise invalid(f"{name} must be a string", param=name)
    return value


def choice(wanted: Json, name: str, *choices: str) -> str:
    """One of a few words."""
    value = text(wanted, name)
    if value not in choices:
        raise invalid(f"{name} must be one of {', '.join(choices)}", param=name)
    return value


def number(wanted: Json, name: str, default: float | None = None) -> float:
    """A number, such as seconds."""
    value = wanted.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e11:
        raise invalid(f"{name} must be a number", param=name)
    return float(value)


def whole(wanted: Json, name: str, default: int | None = None, *, least: int = 0) -> int:
    """A whole number."""
    value = wanted.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise invalid(f"{name} must be a whole number from {least}", param=name)
    return value


def maybe(wanted: Json, name: str, *, least: int = 1) -> int | None:
    """A whole number, or nothing."""
    return whole(wanted, name, least=least) if wanted.get(name) is not None else None

"""The front door for parameters: decode, coerce, validate against the SDK's types, refuse in Stripe's words."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from jsonschema import ValidationError

from sandbox.errors import StripeError, invalid
from sandbox.forms import coerce, decode
from sandbox.schema import request_validator

_HOST = re.compile(r"[\w.:-]+\Z")
_NO_LONGER = (
    "The `payment_method_types` parameter is no longer supported. Use `allowed_payment_method_types` or"
    " `excluded_payment_method_types` instead."
)
_REMOVED = {"payment_method_types": ("payment_method_types_no_longer_supported", _NO_LONGER)}


def read(pairs: Iterable[tuple[str, str]], params: type) -> dict[str, Any]:
    """The request's parameters as typed values; every refusal is a 400 in Stripe's envelope."""
    raw = decode(pairs)
    for name, (code, message) in _REMOVED.items():
        if name in raw:
            raise invalid(message, param=name, code=code)
    validator = request_validator(params)
    schema: Any = validator.schema
    value: dict[str, Any] = coerce(raw, schema, schema["$defs"])
    errors = sorted(_leaves(validator.iter_errors(value)), key=lambda e: (_rank(e), len(e.absolute_path)))
    if errors:
        raise _refusal(errors[0])
    for name in ("metadata", "payment_intent_data"):
        _check_metadata(value.get(name), name)
    return value


def bracketed(path: Iterable[object]) -> str:
    """``("line_items", 0, "quantity")`` → ``line_items[0][quantity]``."""
    head, *rest = [str(p) for p in path] or [""]
    return head + "".join(f"[{p}]" for p in rest)


def web_address(value: str | None, param: str) -> None:
    """Refuse what is not an absolute http(s) address."""
    if value is None:
        return
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(_HOST.match(parts.hostname or "")) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in value):
        raise invalid(f"Not a valid URL: {param}", param=param, code="url_invalid")


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Errors of the union's branch that was meant, rather than "none of these fits"."""
    for error in errors:
        branches = [e for e in error.context or () if e.validator != "enum" or e.validator_value != [""]]
        deeper = [e for e in branches if len(e.absolute_path) > len(error.absolute_path)]
        if error.validator == "anyOf" and (deeper or branches):
            yield from _leaves(deeper or branches[:1])
        else:
            yield error


def _rank(error: ValidationError) -> int:
    return {"additionalProperties": 0, "required": 1}.get(str(error.validator), 2)


def _refusal(error: ValidationError) -> StripeError:
    path = list(error.absolute_path)
    param = bracketed(path)
    value: Any = error.instance
    wanted, schema = cast("Any", error.validator_value), cast("Any", error.schema)
    if error.validator == "additionalProperties":
        name = bracketed([*path, min(set(value) - set(schema["properties"]))])
        return invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")
    if error.validator == "required":
        name = bracketed([*path, min(set(wanted) - set(value))])
        return invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    if value == "":
        message = f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter."
        return invalid(message, param=param, code="parameter_invalid_empty")
    if error.validator == "enum":
        choices = ", ".join(str(v) for v in wanted[:40])
        return invalid(f"Invalid {param}: must be one of {choices}", param=param)
    kind = wanted if isinstance(wanted, str) else "value"
    code = "parameter_invalid_integer" if kind == "integer" else None
    return invalid(f"Invalid {kind}: {str(value)[:80]}", param=param, code=code)


def _check_metadata(value: Any, name: str) -> None:
    if name == "payment_intent_data":
        value, name = (value or {}).get("metadata"), "payment_intent_data[metadata]"
    if not isinstance(value, dict):
        return
    if len(value) > 50:
        raise invalid("You can have up to 50 metadata keys.", param=name)
    for key, text in value.items():
        if len(key) > 40:
            raise invalid(f"Metadata keys can have up to 40 characters: {key[:50]}", param=name)
        if len(text) > 500:
            message = f"Metadata values can have up to 500 characters, but you passed in a value that is {len(text)}"
            raise invalid(f"{message} characters.", param=bracketed([*name.replace("]", "").split("["), key]))

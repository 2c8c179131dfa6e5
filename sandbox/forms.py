"""Form bodies in bracket notation, decoded to nested dicts and lists and coerced to the types of a schema."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.errors import invalid
from sandbox.schema import Schema

_SEGMENT = re.compile(r"\[([^\]]*)\]")
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_MAX_DEPTH = 12


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``a[b][0]=c`` → ``{"a": {"b": {"0": "c"}}}``; ``a[]=x`` counts up. Lists stay dicts until a schema says they are lists."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        path = [head, *_SEGMENT.findall(name[len(head) :])] if bracket else [head]
        if not head or len(path) > _MAX_DEPTH or "\x00" in name + value:
            raise invalid(f"Invalid parameter name: {name[:80]!r}")
        _place(root, path, value, name)
    return root


def _place(root: dict[str, Any], path: list[str], value: str, name: str) -> None:
    node = root
    for segment in path[:-1]:
        inner = node.setdefault(segment or str(len(node)), {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid parameter: {name[:80]} is given both as a value and as an object.", param=name)
        node = inner
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise invalid(f"Invalid parameter: {name[:80]} is given both as a value and as an object.", param=name)
    node[last] = value


def coerce(value: Any, schema: Schema, definitions: Schema) -> Any:
    """Turn strings into the numbers, booleans and lists that ``schema`` asks for; what does not fit stays as it was, for
    the validator to refuse."""
    schema = _resolve(schema, definitions)
    if "anyOf" in schema:
        return _coerce_union(value, schema["anyOf"], definitions)
    kind = schema.get("type")
    if isinstance(value, str):
        return _scalar(value, kind)
    if kind == "array" and isinstance(value, dict) and all(k.isdecimal() for k in value):
        return [coerce(value[k], schema["items"], definitions) for k in sorted(value, key=int)]
    if kind == "object" and isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties")
        other: Schema = rest if isinstance(rest, dict) else {}
        return {k: coerce(v, known.get(k, other), definitions) for k, v in value.items()}
    return value


def _coerce_union(value: Any, options: list[Schema], definitions: Schema) -> Any:
    for option in options:
        compound = _resolve(option, definitions).get("type") in ("object", "array")
        coerced = coerce(value, option, definitions)
        if coerced != value or (compound and isinstance(value, dict)):
            return coerced
    return value


def _scalar(value: str, kind: Any) -> Any:
    if kind == "integer" and _INTEGER.match(value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "number":
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return schema

"""Derive JSON Schemas from the type annotations of the installed stripe SDK, for requests and for responses."""

import builtins
import decimal
import functools
import importlib
import sys
import types
import typing
from collections.abc import Iterator
from typing import Any

import stripe
import typing_extensions
from jsonschema import Draft202012Validator
from stripe._request_options import RequestOptions  # the SDK's per-call options; they never reach the wire
from stripe._stripe_object import StripeObject, UntypedStripeObject  # only exported from here

Schema = dict[str, Any]

_NAMED_IN = ("stripe", "stripe.checkout", "stripe.tax", "stripe.billing", "stripe.radar", "stripe.params")
_SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    decimal.Decimal: {"type": ["string", "number"]},
}


@functools.cache
def request_validator(params: type) -> Draft202012Validator:
    """A validator for the decoded, coerced form body described by a ``stripe.params`` TypedDict; unknown keys and
    unknown enum values are errors."""
    return Draft202012Validator(_document(params, responses=False))


@functools.cache
def response_validator(resource: type) -> Draft202012Validator:
    """A validator for the JSON of a ``stripe`` resource class; unknown keys, enum values and types are errors."""
    return Draft202012Validator(_document(resource, responses=True))


def _document(root: type, *, responses: bool) -> Schema:
    builder = _Builder(responses=responses)
    reference = builder.schema(root)
    return {**reference, "$defs": builder.definitions}


class _Builder:
    """Walks annotations and collects one definition per class."""

    def __init__(self, *, responses: bool) -> None:
        self.responses = responses
        self.definitions: dict[str, Schema] = {}

    def schema(self, hint: Any) -> Schema:
        """The schema of one resolved annotation; anything unknown to us is unconstrained."""
        origin = typing.get_origin(hint)
        if origin is not None:
            return self._generic(origin, typing.get_args(hint))
        if hint in _SCALARS:
            return dict(_SCALARS[hint])
        if isinstance(hint, type) and (typing_extensions.is_typeddict(hint) or issubclass(hint, StripeObject)):
            return self._reference(hint)
        return {}

    def _generic(self, origin: Any, args: tuple[Any, ...]) -> Schema:
        if origin in (typing.Union, types.UnionType):
            return self._union(args)
        if origin is typing.Literal:
            return {"enum": list(args)}
        if origin is list:
            return {"type": "array", "items": self.schema(args[0])}
        if origin is stripe.ListObject:
            return self._list(args[0])
        if origin in (dict, UntypedStripeObject):
            return {"type": "object", "additionalProperties": self.schema(args[-1])}
        return {}

    def _union(self, members: tuple[Any, ...]) -> Schema:
        parts = [m for m in members if m is not type(None)]
        if any(typing.get_origin(p) is typing.Literal and typing.get_args(p) != ("",) for p in parts):
            parts = [p for p in parts if p is not str]  # the SDK's "|str" keeps room for new values; we refuse those
        options: list[Schema] = []
        for part in parts:
            option = self.schema(part)
            if option not in options:
                options.append(option)
        if self.responses and len(parts) < len(members) and type(None) in members:
            options.append({"type": "null"})
        return options[0] if len(options) == 1 else {"anyOf": options}

    def _list(self, item: Any) -> Schema:
        properties = {
            "object": {"enum": ["list"]},
            "data": {"type": "array", "items": self.schema(item)},
            "has_more": {"type": "boolean"},
            "url": {"type": "string"},
        }
        return {
            "type": "object",
            "required": sorted(properties),
            "properties": properties,
            "additionalProperties": False,
        }

    def _reference(self, cls: type) -> Schema:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if name not in self.definitions:
            self.definitions[name] = {}  # holds the place: resources refer to each other in circles
            self.definitions[name] = self._object(cls)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, cls: type) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for name, hint, needed in _fields(cls):
            properties[name] = self.schema(hint)
            if needed or (self.responses and name in ("id", "object")):
                required.append(name)
        return {
            "type": "object",
            "properties": properties,
            "required": sorted(required),
            "additionalProperties": False,
        }


def _fields(cls: type) -> Iterator[tuple[str, Any, bool]]:
    """Name, resolved annotation and requiredness of every field of a TypedDict or resource class."""
    hints = typing_extensions.get_type_hints(cls, localns=_Names(cls), include_extras=True)
    options = frozenset(RequestOptions.__annotations__)
    typed_dict = typing_extensions.is_typeddict(cls)
    for name, wrapped in hints.items():
        if name.startswith("_") or name.isupper() or (typed_dict and name in options):
            continue
        origin: Any = typing.get_origin(wrapped)
        if origin is typing.ClassVar:
            continue
        if origin in (typing.NotRequired, typing.Required):
            yield name, typing.get_args(wrapped)[0], origin is typing.Required
        else:
            yield name, wrapped, typed_dict


class _Anything:
    """Stands for a name that cannot be found; with or without a subscript it leaves the value unconstrained."""

    def __class_getitem__(cls, _: Any) -> type:
        return cls


class _Names(dict[str, Any]):
    """Finds names that SDK modules import for type checkers only; those that exist nowhere mean "anything"."""

    def __init__(self, cls: type) -> None:
        super().__init__()
        self._known = {**vars(builtins), **vars(sys.modules[cls.__module__])}
        self._inner = {k: v for k, v in vars(cls).items() if isinstance(v, type)}

    def __missing__(self, name: str) -> Any:
        if name in self._inner:
            return self._inner[name]
        if name in self._known:
            return self._known[name]
        for module in _NAMED_IN:
            found = getattr(importlib.import_module(module), name, None)
            if found is not None:
                return found
        return _Anything

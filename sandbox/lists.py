"""Lists as Stripe pages them, and objects with their references expanded."""

import copy
from collections.abc import Callable
from typing import Any

from sandbox import tax
from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid, missing

Json = dict[str, Any]

_MAX_DEPTH = 4
_REFERENCES = {
    ("checkout.session", "payment_intent"): "payment_intent",
    ("checkout.session", "shipping_cost.shipping_rate"): "shipping_rate",
    ("payment_intent", "latest_charge"): "charge",
    ("payment_intent", "payment_method"): "payment_method",
    ("charge", "payment_intent"): "payment_intent",
    ("charge", "balance_transaction"): "balance_transaction",
    ("refund", "charge"): "charge",
    ("refund", "payment_intent"): "payment_intent",
    ("refund", "balance_transaction"): "balance_transaction",
    ("refund", "failure_balance_transaction"): "balance_transaction",
    ("dispute", "charge"): "charge",
    ("dispute", "payment_intent"): "payment_intent",
    ("balance_transaction", "source"): "",
}
_SOURCES = ("charge", "refund", "dispute")
_NULLABLE = {("checkout.session", name) for name in ("customer", "invoice", "payment_link", "setup_intent", "subscription")} | {
    ("payment_intent", name) for name in ("customer", "application", "review", "on_behalf_of")
} | {("charge", name) for name in ("customer", "application", "review", "transfer")}  # fmt: skip


def matching(box: Sandbox, kind: str, params: Json, *names: str) -> list[Json]:
    """The objects of a kind, newest first, that fit ``created`` and have the wanted values of the named fields."""
    fits = created_filter(params.get("created"))
    wanted = {name: params[name] for name in names if name in params}
    return box.store.newest(kind, lambda item: fits(item) and all(item[name] == value for name, value in wanted.items()))


def page(items: list[Json], params: Json, url: str) -> Json:
    """One page of ``items`` (newest first) by ``limit``, ``starting_after`` and ``ending_before``."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("Invalid limit: must be between 1 and 100", param="limit", code="parameter_invalid_integer")
    if "starting_after" in params and "ending_before" in params:
        raise invalid("You may only specify one of these parameters: starting_after, ending_before.")
    if "ending_before" in params:
        before = items[: _position(items, params["ending_before"], "ending_before")]
        data, more = before[-limit:], len(before) > limit
    else:
        start = _position(items, params["starting_after"], "starting_after") + 1 if "starting_after" in params else 0
        data, more = items[start : start + limit], len(items) > start + limit
    return {"object": "list", "data": copy.deepcopy(data), "has_more": more, "url": url}


def _position(items: list[Json], object_id: str, param: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == object_id:
            return index
    raise missing("object", object_id, param=param)


def created_filter(wanted: Any) -> Callable[[Json], bool]:
    """The test that ``created=…`` or ``created[gte]=…`` asks for."""
    if wanted is None:
        return lambda _: True
    if isinstance(wanted, int):
        return lambda item: item["created"] == wanted
    tests: dict[str, Callable[[int, int], bool]] = {
        "gt": lambda a, b: a > b,
        "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "lte": lambda a, b: a <= b,
    }
    return lambda item: all(tests[name](item["created"], bound) for name, bound in wanted.items())


def expand(box: Sandbox, answer: Json, wanted: list[str]) -> Json:
    """``answer`` with the named references replaced by their objects; ``data.…`` inside lists."""
    for path in wanted:
        parts = path.split(".")
        inside = parts[0] == "data" and answer.get("object") == "list"
        targets = answer["data"] if inside else [answer]
        if len(parts) > _MAX_DEPTH:
            raise _cannot(path)
        below = parts[1:] if inside else parts
        for target in targets:
            taxes = _TAXES.get(".".join(below)) if target.get("object") == "checkout.session" else None
            taxes(box, target) if taxes else _expand_one(box, target, below, path)
    return answer


def _taxes_of_lines(box: Sandbox, session: Json) -> None:
    session.setdefault("line_items", line_items(box, session["id"], {}))
    tax.of_lines(box, session)


_TAXES = {
    "line_items.data.taxes": _taxes_of_lines,
    "shipping_cost.taxes": tax.of_shipping,
    "total_details.breakdown": tax.breakdown,
}


def _expand_one(box: Sandbox, target: Json, parts: list[str], path: str) -> None:
    if not parts:
        raise _cannot(path)
    kind, (name, *rest) = target.get("object", ""), parts
    if (kind, name) == ("checkout.session", "line_items"):
        target.setdefault("line_items", line_items(box, target["id"], {}))
        return
    if (kind, name) == ("charge", "refunds"):
        refunds = matching(box, "refund", {"charge": target["id"]}, "charge")
        target["refunds"] = target["refunds"] or page(refunds, {}, f"/v1/charges/{target['id']}/refunds")
        return
    if (kind, name, *rest[:1]) == ("checkout.session", "shipping_cost", "shipping_rate"):
        name, holder, rest = "shipping_cost.shipping_rate", target["shipping_cost"], rest[1:]
        key = "shipping_rate"
    else:
        holder, key = target, name
    reference = _REFERENCES.get((kind, name))
    if reference is None:
        if (kind, name) in _NULLABLE:
            return
        raise _cannot(path)
    if holder is None or holder.get(key) is None:
        return
    if isinstance(holder[key], str):
        kinds = (reference,) if reference else _SOURCES
        found = next((found for kind in kinds if (found := box.store.find(kind, holder[key]))), None)
        if found is None:
            return
        holder[key] = found
    if rest:
        _expand_one(box, holder[key], rest, path)


def line_items(box: Sandbox, session_id: str, params: Json) -> Json:
    """The session's lines as a list."""
    private = box.store.get("private.session", session_id)
    return page(private["line_items"], params, f"/v1/checkout/sessions/{session_id}/line_items")


def _cannot(path: str) -> StripeError:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")

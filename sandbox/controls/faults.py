"""Faults of the API, set, listed and cleared."""

from flask import Response, jsonify

from sandbox.controls.door import body, check_names, choice, control, its_box, maybe, number, text, whole
from sandbox.errors import invalid, missing
from sandbox.fan import BANK_ACCOUNT
from sandbox.faults import KINDS, Fault

_NEEDS_SECONDS = ("latency", "hang", "hang-after")
_FIELDS = ("kind", "method", "path", "times", "probability", "seed", "skip", "seconds", "changes", "card")


@control.get("/faults")
def faults() -> Response:
    """All rules with their counts."""
    return jsonify(its_box().faults.all())


@control.post("/faults")
def add_fault() -> Response:
    """``{"kind", "method"?: "*", "path"?: "/v1/**", "times"?: 1, "probability"?: 1, "seed"?, "skip"?: 0, "seconds"?,
    "changes"?, "card"?}`` → the rule. With a probability it strikes until it is cleared, unless ``times`` says otherwise."""
    wanted = check_names(body(), *_FIELDS)
    kind = choice(wanted, "kind", *KINDS)
    probability = number(wanted, "probability", 1)
    if not 0 <= probability <= 1:
        raise invalid("probability must be from 0 to 1", param="probability")
    seconds = number(wanted, "seconds", None if kind in _NEEDS_SECONDS else 0)
    if not 0 <= seconds <= 600:
        raise invalid("seconds must be from 0 to 600", param="seconds")
    changes = wanted.get("changes", {})
    if not isinstance(changes, dict) or bool(changes) != (kind == "alter"):
        raise invalid("alter, and nothing else, takes changes: an object", param="changes")
    times = maybe(wanted, "times")
    fault = Fault(
        kind=kind,
        method=choice(wanted | {"method": text(wanted, "method", "*").upper()}, "method", "*", "GET", "POST"),
        path=text(wanted, "path", "/v1/**"),
        times=1 if times is None and "times" not in wanted and probability == 1 else times,
        probability=probability,
        seed=whole(wanted, "seed", its_box().options.seed or 0),
        skip=whole(wanted, "skip", 0),
        seconds=seconds,
        changes=changes,
        card=_card(wanted),
    )
    return jsonify(its_box().faults.add(fault).as_json())


@control.delete("/faults")
def clear_faults() -> Response:
    """Forget all rules; who hangs is let go."""
    return jsonify(cleared=its_box().faults.clear())


@control.delete("/faults/<fault_id>")
def clear_fault(fault_id: str) -> Response:
    """Forget one rule."""
    if not its_box().faults.clear(fault_id):
        raise missing("fault", fault_id)
    return jsonify(cleared=1)


def _card(wanted: dict[str, object]) -> str:
    card = "".join(text(wanted, "card", "4242424242424242").split())
    if card != BANK_ACCOUNT and not card.isdecimal():
        raise invalid(f"card must be a card number or {BANK_ACCOUNT}", param="card")
    return card

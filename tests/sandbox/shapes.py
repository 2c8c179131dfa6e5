"""What an object of the API must look like: judged by the SDK's annotations and by Stripe's own example objects."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import stripe

from sandbox.schema import response_validator

EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text())
CLASSES = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "shipping_rate": stripe.ShippingRate,
}
# Parts of the examples that need not be there: another payment method has another part, an event another object, and
# metadata is the shop's.
OPTIONAL = re.compile(
    r"event\.data\.object\..*|\w+\.metadata\..*"
    r"|(charge\.payment_method_details|refund\.destination_details|payment_method)\.card"
)

_seen: set[str] = set()


def as_json(thing):
    """A plain dict."""
    return thing if isinstance(thing, dict) else thing.to_dict(for_json=True)


def problems(thing) -> list[str]:
    """What is wrong with an object, by both judges."""
    value = as_json(thing)
    kind = value["object"]
    typed = [f"{kind}: {list(e.absolute_path)} {e.message[:200]}" for e in response_validator(CLASSES[kind]).iter_errors(value)]
    gaps = _gaps(EXAMPLES["resources"][kind], value, kind)
    return typed + [gap for gap in gaps if not OPTIONAL.fullmatch(gap.split(": ")[0])]


def check_store(store) -> None:
    """Judge every object of an account and every snapshot in its events; what looks like one judged before is not judged
    again."""
    things = [thing for kind in CLASSES for thing in store.all(kind)]
    things += [event["data"]["object"] for event in store.all("event")]
    for thing in things:
        shape = json.dumps(_shape(thing), sort_keys=True)
        if shape not in _seen:
            found = problems(thing)
            assert not found, found
            _seen.add(shape)


def _gaps(example, ours, where) -> Iterator[str]:
    """Keys that the example has and we have not, and values of another JSON type; nothing is compared with a null."""
    for name, value in example.items():
        place = f"{where}.{name}"
        if name not in ours:
            yield f"{place}: missing"
        elif isinstance(value, dict) and isinstance(ours[name], dict):
            yield from _gaps(value, ours[name], place)
        elif isinstance(value, list) and isinstance(ours[name], list):
            for item in ours[name]:
                if value and isinstance(value[0], dict):
                    yield from _gaps(value[0], item, f"{place}[]")
        elif not _alike(value, ours[name]):
            yield f"{place}: {ours[name]!r} is not like {value!r}"


def _alike(example, ours) -> bool:
    """The same JSON type; a reference may be an id or the object itself."""
    reference = isinstance(example, str | dict) and isinstance(ours, str | dict)
    return example is None or ours is None or reference or type(ours) is type(example)


def _shape(value):
    """The object without what differs from one to the next: numbers and long or numbered strings."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    if isinstance(value, str):
        return value if len(value) < 40 and not re.search(r"\d", value) else "text"
    return value if isinstance(value, bool) or value is None else type(value).__name__

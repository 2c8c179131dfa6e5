"""Idempotency keys: the first answer to a key is the answer to all that follow."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.box import Sandbox
from sandbox.errors import StripeError, invalid

Json = dict[str, Any]

_KEPT_FOR = 24 * 60 * 60


def fingerprint(method: str, path: str, pairs: list[tuple[str, str]]) -> str:
    """What must be the same for a key to be the same request."""
    return hashlib.sha256(json.dumps([method, path, sorted(pairs)]).encode()).hexdigest()


@contextmanager
def claimed(box: Sandbox, key: str | None) -> Iterator[None]:
    """Hold the key while its request runs; 409 for who comes meanwhile."""
    if key is None:
        yield
        return
    if len(key) > 255:
        raise invalid("Idempotency keys can have up to 255 characters.", param="Idempotency-Key")
    with box.in_flight_lock:
        if key in box.in_flight:
            message = (
                "There is currently another in-progress request using this Idempotent Key (that probably means you"
                f" submitted twice, and the other request is still going through): {key}."
            )
            raise StripeError(message, code="idempotency_key_in_use", status=409, saved=False)
        box.in_flight.add(key)
    try:
        yield
    finally:
        with box.in_flight_lock:
            box.in_flight.discard(key)


def saved(box: Sandbox, key: str | None, print_: str) -> Json | None:
    """The stored ``{status, body, request_id}`` of the key; a 400 when it belongs to another request."""
    if key is None:
        return None
    entry = box.store.find("private.idempotency", key)
    if entry is None or entry["at"] < box.clock.now() - _KEPT_FOR:
        return None
    if entry["fingerprint"] != print_:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise StripeError(message, type="idempotency_error", saved=False)
    return entry


def save(box: Sandbox, key: str | None, print_: str, answer: Json) -> None:
    """Remember the answer."""
    if key is not None:
        with box.store.transaction():
            entry = {"at": box.clock.now(), "fingerprint": print_, **answer}
            box.store.put("private.idempotency", entry, key)


def sweep(box: Sandbox) -> None:
    """Forget the keys whose day is over."""
    before = box.clock.now() - _KEPT_FOR
    for key in box.store.first_keys("private.idempotency", lambda entry: entry["at"] < before):
        box.store.remove("private.idempotency", key)

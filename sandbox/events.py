"""Events: one snapshot for everything that happens, kept for the API and handed to delivery."""

import copy
from typing import Any

from sandbox.box import API_VERSION, Sandbox, cause

Json = dict[str, Any]


def emit(box: Sandbox, kind: str, thing: Json, *, previous: Json | None = None) -> Json:
    """Record that ``kind`` happened to ``thing`` (as it is now); sent once the transaction has succeeded."""
    why = cause.get()
    subscribed = bool(box.options.webhook) and kind in box.options.enabled_events
    data: Json = {"object": copy.deepcopy(thing)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = {
        "id": box.ids.new("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": box.clock.stamp(),
        "data": data,
        "livemode": False,
        "pending_webhooks": int(subscribed),
        "request": {"id": why.request_id, "idempotency_key": why.idempotency_key},
        "type": kind,
    }
    box.store.put("event", event)
    if subscribed and box.sender is not None:
        sender, event_id = box.sender, str(event["id"])
        box.store.after_commit(lambda: sender.enqueue(event_id))
    return event

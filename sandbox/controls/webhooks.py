"""Webhooks: how they are delivered from now on, those that wait, and those to be sent again."""

from typing import Any

from flask import Response, jsonify, request

from sandbox.behaviour import Behaviour
from sandbox.controls.door import body, check_names, control, its_box, its_deliveries, number, text, whole
from sandbox.errors import invalid

Json = dict[str, Any]

_FIELDS = ("mode", "times", "seconds", "types", "probability", "seed")


@control.get("/webhooks")
def webhooks() -> Response:
    """``{mode, times, seconds, types, probability, idle, waiting: {held, pending}}``."""
    sender, store = its_deliveries(), its_box().store
    now = sender.behaviour
    waiting = {
        "held": store.count("delivery", lambda d: d["state"] == "held"),
        "pending": store.count("delivery", lambda d: d["state"] == "pending"),
    }
    shown: Json = {"mode": now.mode, "times": now.times, "seconds": now.span, "types": now.types, "probability": now.probability}
    return jsonify(**shown, idle=sender.idle(), waiting=waiting)


@control.post("/webhooks")
def set_webhooks() -> Response:
    """``{"mode", "times"?: 2, "seconds"?, "types"?: [], "probability"?: 1, "seed"?}``; for events from now on."""
    its_deliveries().behave(_behaviour(check_names(body(), *_FIELDS)))
    return webhooks()


@control.post("/webhooks/flush")
def flush() -> Response:
    """Send what is held and what waits for a retry, now: ``{sent}``. With ``{"events": ["evt_…", …]}`` send exactly these,
    one after the other in this sequence, and answer when the last is through: ``{sent, deliveries}``."""
    events = check_names(body(), "events").get("events")
    if events is None:
        return jsonify(sent=its_deliveries().flush())
    if not isinstance(events, list) or not all(isinstance(e, str) for e in events):
        raise invalid("events must be a list of event ids", param="events")
    for event in events:
        its_box().store.get("event", event, param="events")
    sent = its_deliveries().send(events)
    return jsonify(sent=len(sent), deliveries=sent)


@control.post("/webhooks/resend")
def resend() -> Response:
    """``{"event": "evt_…", "times"?: 1, "mode"?, "seconds"?}``: send it again, whatever became of it."""
    wanted, box = check_names(body(), "event", "times", "mode", "seconds"), its_box()
    event = box.store.get("event", text(wanted, "event"), param="event")
    times = whole(wanted, "times", 1, least=1)
    behaviour = _behaviour({"mode": "duplicate"} | wanted | {"times": times})
    for _ in range(1 if behaviour.mode == "duplicate" else times):
        its_deliveries().enqueue(event["id"], behaviour=behaviour)
    return jsonify(event=event["id"], sent=times)


@control.get("/deliveries")
def deliveries() -> Response:
    """The delivery log, oldest first; ``?event=``, ``?type=`` and ``?state=`` narrow it."""
    wanted = {name: request.args[name] for name in ("event", "type", "state") if name in request.args}
    return jsonify(its_box().store.newest("delivery", lambda d: all(d[k] == v for k, v in wanted.items()))[::-1])


def _behaviour(wanted: Json) -> Behaviour:
    types = wanted.get("types", [])
    if not isinstance(types, list) or not all(isinstance(t, str) for t in types):
        raise invalid("types must be a list of event types", param="types")
    return Behaviour(
        mode=text(wanted, "mode"),
        times=whole(wanted, "times", 2, least=1),
        seconds=number(wanted, "seconds") if wanted.get("seconds") is not None else None,
        types=tuple(types),
        probability=number(wanted, "probability", 1),
        seed=whole(wanted, "seed", its_box().options.seed or 0),
    ).check()

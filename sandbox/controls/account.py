"""The clock, the rate limits, the request log, the objects as they are, and the first day again."""

from flask import Response, current_app, jsonify, request

from sandbox.controls.door import body, check_names, control, its_box, its_deliveries, number
from sandbox.errors import invalid
from sandbox.mail import Mailbox
from sandbox.tidy import tidy


@control.get("/clock")
def clock() -> Response:
    """``{now, offset, file_offset}`` in seconds."""
    its = its_box().clock
    return jsonify(now=its.now(), offset=its.offset, file_offset=its.file_offset())


@control.post("/clock")
def move_clock() -> Response:
    """``{"set": instant}`` or ``{"advance": seconds}``; what falls due happens before the answer, webhooks that wait for
    another try are due as much sooner."""
    wanted, box = check_names(body(), "set", "advance"), its_box()
    before = box.clock.now()
    if "set" in wanted:
        box.clock.set(number(wanted, "set"))
    else:
        box.clock.advance(number(wanted, "advance"))
    its_deliveries().hasten(box.clock.now() - before)
    tidy(box)
    return clock()


@control.get("/limits")
def limits() -> Response:
    """``{each, total}``: calls in a second that one endpoint and the whole account take; 0 means no limit."""
    rates = its_box().rates
    return jsonify(each=rates.each, total=rates.total)


@control.post("/limits")
def set_limits() -> Response:
    """``{"each": 25, "total"?: 100}``, with full buckets; the total is four times as much unless it is given."""
    wanted = check_names(body(), "each", "total")
    each = number(wanted, "each")
    its_box().rates.set(each, number(wanted, "total", 4 * each))
    return limits()


@control.get("/requests")
def requests() -> Response:
    """The API's request log, oldest first; ``?method=``, ``?path=`` (a beginning) and ``?fault=`` narrow it."""
    method, path, fault = (request.args.get(name) for name in ("method", "path", "fault"))
    log = list(its_box().requests)
    fitting = [r for r in log if r["path"].startswith(path or "") and method in (None, r["method"])]
    return jsonify([r for r in fitting if fault in (None, r["fault"])])


@control.get("/objects/<kind>")
def objects(kind: str) -> Response:
    """All objects of a kind (``checkout.session``, ``payment_intent``, ``charge``, ``refund``, ``dispute``, ``event``,
    ``balance_transaction`` …) as they are, oldest first: the truth to compare a shop's books with."""
    if kind.startswith("private."):
        raise invalid("These are nobody's business.", param="kind")
    tidy(its_box())
    return jsonify(its_box().store.newest(kind)[::-1])


@control.post("/reset")
def reset() -> Response:
    """Forget objects, logs, queues, faults, clock offset and mail (unless ``{"mail": false}``)."""
    wanted = check_names(body(), "mail")
    its_deliveries().forget()
    its_box().forget()
    if wanted.get("mail", True):
        mailbox: Mailbox = current_app.extensions["mailbox"]
        mailbox.clear()
    return jsonify(reset=True)

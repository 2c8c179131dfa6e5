"""Webhook delivery: signed, tried again when it fails, in the manner of the present behaviour, and written down."""

import heapq
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
import stripe

from sandbox.behaviour import Behaviour, Chance
from sandbox.box import Sandbox

Json = dict[str, Any]
Post = Callable[[str, bytes, dict[str, str]], int]

RETRY_AFTER = (10.0, 60.0, 600.0, 3600.0, 10800.0)  # seconds, times the retry scale
_TIMEOUT = (3, 10)
_WORKERS = 20
_FORGED = "whsec_of_somebody_else"


class Deliveries:
    """The queue of what must be sent. ``start()`` gives it threads; without them ``run_due()`` sends by hand."""

    def __init__(self, box: Sandbox, post: Post | None = None, timer: Callable[[], float] = time.monotonic) -> None:
        self._box = box
        self._post = post or _post
        self._timer = timer
        self._due: list[tuple[float, int, str]] = []
        self._count = itertools.count()
        self._active = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._pump: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self.behave(Behaviour())

    def behave(self, behaviour: Behaviour) -> None:
        """Treat events so from now on."""
        self.behaviour, self._chance = behaviour, Chance(behaviour)

    def start(self) -> None:
        """Send in the background; what an earlier process left unsent is taken up again."""
        for left in self._box.store.select("delivery", lambda d: d["state"] == "pending"):
            self._schedule(left["id"], 0)
        self._stopping = False
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="webhook")
        self._pump = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._pump.start()

    def stop(self) -> None:
        """End the threads; a delivery under way may finish."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._pump and self._pool:
            self._pump.join()
            self._pool.shutdown(cancel_futures=True)
        self._pump = self._pool = None

    def enqueue(self, event_id: str, *, behaviour: Behaviour | None = None) -> None:
        """Plan the sending of an event, as the present behaviour says. ``early`` sends it here and now: in the thread of the
        call that caused it, before its answer."""
        chosen = behaviour or self._chance.chosen(self._box.store.get("event", event_id)["type"])
        for _ in range(chosen.times if chosen.mode == "duplicate" else 1):
            delivery = self._record(event_id, chosen)
            if chosen.mode == "early":
                self._send_now(delivery["id"])
            elif delivery["state"] == "pending":
                self._schedule(delivery["id"], self._delay(chosen))

    def flush(self) -> int:
        """Send what is held, oldest first, and everything that waits for its next try, now; gives how many."""
        waiting = self._box.store.select("delivery", lambda d: d["state"] in ("held", "pending"))
        with self._box.store.transaction():
            for delivery in waiting:
                self._box.store.put("delivery", delivery | {"state": "pending"})
        with self._changed:
            self._due.clear()
        for delivery in waiting:
            self._schedule(delivery["id"], 0)
        return len(waiting)

    def send(self, event_ids: Iterable[str]) -> list[Json]:
        """Send exactly these events, one after the other, whatever became of them before; gives the deliveries."""
        sent = []
        for event_id in event_ids:
            delivery = self._waiting(event_id) or self._record(event_id, Behaviour())
            with self._box.store.transaction():
                self._box.store.put("delivery", delivery | {"state": "pending"})
            self._send_now(delivery["id"])
            sent.append(self._box.store.get("delivery", delivery["id"]))
        return sent

    def hasten(self, seconds: float) -> None:
        """The clock went on by so much: what waits for a later try is due sooner."""
        if seconds > 0:
            with self._changed:
                self._due = [(at - seconds, number, name) for at, number, name in self._due]
                self._changed.notify_all()

    def forget(self) -> None:
        """Empty the queue and deliver normally again; the log is the store's."""
        with self._changed:
            self._due.clear()
        self.behave(Behaviour())

    def run_due(self) -> int:
        """Send, in this thread, what is due; gives how many."""
        sent = 0
        while (delivery_id := self._take()) is not None:
            self._attempt(delivery_id)
            sent += 1
        return sent

    def idle(self) -> bool:
        """Whether nothing is due and nothing is under way."""
        with self._changed:
            return not self._active and not (self._due and self._due[0][0] <= self._timer())

    def wait_idle(self, timeout: float = 5.0) -> bool:
        """Wait until idle; False when that did not come in time."""
        with self._changed:
            return self._changed.wait_for(self.idle, timeout)

    def _waiting(self, event_id: str) -> Json | None:
        """The oldest delivery of the event that has not been made."""

        def waits(delivery: Json) -> bool:
            return delivery["event"] == event_id and delivery["state"] in ("held", "pending")

        return next(iter(self._box.store.select("delivery", waits)), None)

    def _delay(self, chosen: Behaviour) -> float:
        if chosen.mode == "shuffle":
            return self._chance.within(chosen.span)
        return chosen.span if chosen.mode == "delay" else 0.0

    def _record(self, event_id: str, chosen: Behaviour) -> Json:
        store, state = self._box.store, {"hold": "held", "drop": "dropped"}.get(chosen.mode, "pending")
        with store.transaction():
            event = store.get("event", event_id)
            delivery = {"id": self._box.ids.new("dlv_", 16), "event": event_id, "type": event["type"], "state": state}
            delivery |= {"url": self._box.options.webhook, "mode": chosen.mode, "attempts": []}
            delivery |= {"age": chosen.span if chosen.mode == "stale" else 0}
            store.put("delivery", delivery)
        return delivery

    def _schedule(self, delivery_id: str, delay: float) -> None:
        with self._changed:
            heapq.heappush(self._due, (self._timer() + delay, next(self._count), delivery_id))
            self._changed.notify_all()

    def _take(self) -> str | None:
        with self._changed:
            if self._due and self._due[0][0] <= self._timer():
                self._active += 1
                return heapq.heappop(self._due)[2]
            return None

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                wait = self._due[0][0] - self._timer() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
            delivery_id = self._take()
            if delivery_id is not None and self._pool is not None:
                self._pool.submit(self._attempt, delivery_id)

    def _send_now(self, delivery_id: str) -> None:
        with self._changed:
            self._active += 1
        self._attempt(delivery_id)

    def _attempt(self, delivery_id: str) -> None:
        """One try; the caller has counted it as active."""
        try:
            delivery = self._box.store.find("delivery", delivery_id)
            if delivery is not None and delivery["state"] == "pending":
                self._note(delivery, self._send(delivery))
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def _send(self, delivery: Json) -> Json:
        body = json.dumps(self._box.store.get("event", delivery["event"]), indent=2)
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": self._signature(delivery, body)}
        headers["User-Agent"] = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
        begun = time.monotonic()
        status, error = None, None
        try:
            status = self._post(delivery["url"], body.encode(), headers)
        except (requests.RequestException, OSError) as problem:
            error = type(problem).__name__
        took = round((time.monotonic() - begun) * 1000)
        return {"at": self._box.clock.now(), "status": status, "error": error, "ms": took}

    def _signature(self, delivery: Json, body: str) -> str:
        """Fresh for every try, on the clock that the shop shares: it judges the signature's age by that one."""
        stamp = int(self._box.clock.base() + self._box.clock.file_offset() - delivery.get("age", 0))
        secret = _FORGED if delivery.get("mode") == "forge" else self._box.options.webhook_secret
        return str(stripe.WebhookSignature.generate_signature_header(body, secret, stamp))

    def _note(self, delivery: Json, attempt: Json) -> None:
        """Write the attempt down and, when it failed, plan the next. Anything but 2xx is a failure, 3xx too."""
        good = attempt["status"] is not None and 200 <= attempt["status"] < 300
        delivery["attempts"].append(attempt)
        tried = len(delivery["attempts"])
        again = not good and tried <= len(RETRY_AFTER)
        delivery["state"] = "delivered" if good else "pending" if again else "failed"
        store = self._box.store
        with store.transaction():
            if store.find("delivery", delivery["id"]) is None:
                return  # a reset came between
            store.put("delivery", delivery)
            event = store.get("event", delivery["event"])
            if good and event["pending_webhooks"]:
                store.put("event", event | {"pending_webhooks": 0})
        if again:
            self._schedule(delivery["id"], RETRY_AFTER[tried - 1] * self._box.options.retry_scale)


_lines = threading.local()


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Each sending thread keeps its line."""
    if not hasattr(_lines, "kept"):
        _lines.kept = requests.Session()
        _lines.kept.trust_env = False  # it looks for proxies in the environment each time
    answer = _lines.kept.post(url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
    return int(answer.status_code)

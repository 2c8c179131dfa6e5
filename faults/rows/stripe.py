"""F15: everything that Stripe can do wrong while fans buy."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import requests

from faults.fan import Fan, Mood
from faults.load import Load
from faults.stage import Figures, Stage

SESSIONS, SESSION, EXPIRE = "/v1/checkout/sessions", "/v1/checkout/sessions/*", "/v1/checkout/sessions/*/expire"
FANS = 20  # that each case must see the end of, if time permits
TO_STRIPE = {Mood.PAYS: 6, Mood.PAYS_AND_LEAVES: 2, Mood.DECLINED: 1, Mood.STOPS: 2}  # everybody comes to Stripe
Rule = dict[str, Any]


def struck(stage: Stage, rules: list[Rule], *, moods: dict[Mood, int] | None = None, enough: int = 8) -> Figures:
    """Fans buy while Stripe follows these rules, until `enough` calls were hit and enough stories have ended."""
    control = stage.rig.control
    for number, rule in enumerate(rules):
        control.fault(**{"times": None, "seed": stage.random.randrange(10**6) + number, **rule})
    with stage.load(moods=moods or TO_STRIPE) as load:
        stage.until(lambda: _hits(stage) >= stage.count(enough) and load.ended >= stage.count(FANS))
        hits: Counter[str] = Counter()
        for rule in control.faults():
            hits[rule["kind"]] += rule["struck"]
        control.clear_faults()
    stage.check(hits.total() > 0, "no call met a fault")
    return {"calls hit": ", ".join(f"{count} × {kind}" for kind, count in hits.items()), "unpaid fans": _unpaid(load)}


def case(*rules: Rule, **more: Any) -> Callable[[Stage], Figures]:
    """A row that lets Stripe follow these rules."""
    return partial(struck, rules=list(rules), **more)


def _hits(stage: Stage) -> int:
    return sum(rule["struck"] for rule in stage.rig.control.faults())


def _unpaid(load: Load) -> int:
    return load.ended - len(load.history.paid)


def errors(probability: float) -> list[Rule]:
    """Everything that Stripe's edge and Stripe itself answer on a bad day."""
    return [{"kind": kind, "probability": probability} for kind in ("500", "500-after", "502", "503", "429")]


def paid_after_deadline(stage: Stage) -> Figures:
    """c: Stripe will not end any session, the deadline passes, and then half of the fans pay: each gets copies or is let go."""
    control = stage.rig.control
    sessions: list[str] = []
    with stage.load(moods={Mood.DECLINED: 1}, drops=2) as load:
        stage.enough(load, FANS)
        control.fault("503", EXPIRE, "POST", times=None)
        stage.rig.forward(minutes=6)
        stage.until(lambda: _hits(stage) >= 3, least=1)
        sessions = [each["id"] for each in control.objects("checkout.session") if each["status"] == "open"]
        for session in sessions[::2]:
            with suppress(requests.RequestException):
                control.pay(session)
                load.history.pays(session)
        control.clear_faults()
    stage.check(len(sessions) > 1, "no session was open after the deadline")
    return {"open after the deadline": len(sessions), "paid late": len(sessions[::2])}


def refunds_elsewhere(stage: Stage) -> Figures:
    """f: money is given back in the dashboard: at once, pending for days, failed after it had succeeded."""
    control = stage.rig.control
    with stage.load(moods={Mood.PAYS: 1}) as load:
        stage.enough(load, 12)
    taken = [each["id"] for each in control.objects("payment_intent") if each["status"] == "succeeded"][-9:]
    stage.check(len(taken) >= 3, "too few orders to refund")
    failed = 0
    for number, intent in enumerate(taken):
        refund = control.refund(intent, amount=100 if number % 3 == 0 else None)
        if number % 3 == 1:
            control.end_refund(refund["id"], "fail")
            failed += 1
    dispute = control.dispute(taken[0], amount=100)
    control.end_dispute(dispute["id"], "win")
    stage.rig.forward(days=1)
    return {"refunds": len(taken), "failed later": failed, "disputes": 1}


def delayed_methods(stage: Stage) -> Figures:
    """g: a bank account instead of a card: asked for on our sessions it is refused, or the bank answers days later, yes or no."""
    control, outcomes = stage.rig.control, []
    with stage.load(moods={Mood.WALKS_AWAY: 1}, threads=1, drops=2, copies=40) as load:
        for number in range(10):
            fan = Fan(stage.name(f"bank-{number:05d}"), stage.rig, stage.history, stage.random)
            with fan.browser:
                session = fan.go_to_pay(fan.take(load.market.stalls[1], 1))
            if session is None:
                continue
            try:
                outcomes.append(control.pay(session, "sepa_debit")["outcome"])
            except requests.HTTPError:
                outcomes.append("refused")
            if outcomes[-1] == "processing":
                stage.rig.forward(hours=1)
                control.settle(session, "succeed" if number % 2 else "fail")
    stage.check(len(outcomes) > 5, "too few fans came to Stripe's page")
    return {"outcomes": ", ".join(sorted(set(outcomes))), "fans": len(outcomes)}


CASES: tuple[tuple[str, str, Callable[[Stage], Figures]], ...] = (
    ("a", "Stripe answers 500, 502, 503 and 429", case(*errors(0.08))),
    ("b", "Stripe hangs for 30 s, resets connections", case(
        {"kind": "hang", "probability": 0.05, "seconds": 30}, {"kind": "hang-after", "probability": 0.05, "seconds": 30},
        {"kind": "reset", "probability": 0.15}, enough=6,
    )),
    ("c", "fans pay after their hold's deadline", paid_after_deadline),
    ("d", "sessions are made and the answer is lost", case(
        {"kind": "lost", "path": SESSIONS, "method": "POST", "probability": 0.5},
    )),
    ("e", "ending a session loses the race against paying", case(
        {"kind": "pay-before", "path": EXPIRE, "method": "POST"}, moods={Mood.STOPS: 3, Mood.PAYS: 1}, enough=4,
    )),
    ("f", "refunds and disputes begun elsewhere, pending, failed", refunds_elsewhere),
    ("g", "methods that are paid days later, or not", delayed_methods),
    ("h", "Stripe names another amount, currency or mode", case(
        {"kind": "alter", "path": SESSION, "method": "GET", "probability": 0.3, "changes": {"amount_total": 1}},
        {"kind": "alter", "path": SESSION, "method": "GET", "probability": 0.2, "changes": {"currency": "usd"}},
        {"kind": "alter", "path": SESSION, "method": "GET", "probability": 0.2, "changes": {"livemode": True}},
    )),
    ("i", "the idempotency key is in use", case({"kind": "409", "method": "POST", "probability": 0.4})),
    ("j", "half a page of HTML instead of JSON", case({"kind": "garbage", "probability": 0.2})),
)  # fmt: skip

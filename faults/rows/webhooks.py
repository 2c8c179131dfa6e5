"""Webhooks in every sequence, several times, late, forged, or not at all."""

import itertools
import threading
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import text

from app.kernel.db import reading
from faults.fan import Fan, Mood
from faults.market import Stall, open_market
from faults.quiet import settle_down
from faults.stage import Figures, Stage

FOUR = (
    "checkout.session.expired",
    "checkout.session.completed",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
)
SIDE_BY_SIDE = 20
SPARE = 8  # fans more than there are sequences: on a slow machine not everybody comes to pay twice
END_STATE = """
    SELECT h.state AS hold, o.state AS placed, p.state AS paid,
        (SELECT count(*) FROM copies c JOIN order_lines l ON l.id = c.order_line_id WHERE l.order_id = o.id) AS copies,
        (SELECT count(*) FROM outbox j WHERE j.key = 'mail.confirmed:' || o.id) AS mails
    FROM holds h LEFT JOIN orders o ON o.hold_id = h.id LEFT JOIN payments p ON p.order_id = o.id WHERE h.fan = :fan
"""
KNOWN_EVENTS = "SELECT count(*) FROM stripe_events"
HINTS = "SELECT count(*) FROM outbox WHERE kind = 'attempt.sync'"


def every_sequence(stage: Stage) -> Figures:
    """F16: the four events of a purchase in all 24 sequences, each up to five times, side by side; then again, late, forged."""
    sequences = list(itertools.permutations(FOUR))
    bought = _buy_unheard(stage, len(sequences) + SPARE)
    events = _events(stage)
    fans = [fan for fan in bought if set(FOUR) <= events[fan.name].keys()][: len(sequences)]
    plans = [
        [event for kind in sequence for event in [events[fan.name][kind]] * stage.random.randint(1, 5)]
        for fan, sequence in zip(fans, sequences, strict=True)
    ]
    _send(stage, plans)
    stage.until(lambda: all(_paid(stage, fan) for fan in fans), least=0)
    states = {tuple(_one(stage, END_STATE, fan=fan.name)) for fan in fans}
    stage.check(len(states) == 1, f"the same events ended in {len(states)} states: {states}")
    settle_down(stage.rig)
    stage.check(all(state[4] == 1 for state in states), f"not exactly one confirmation each: {states}")
    return {
        "sequences": len(sequences), "distinct end states": len(states), "deliveries": sum(map(len, plans)),
        "replays without effect": replay(stage), "forged and stale refused": _forge(stage), **_unruly(stage),
    }  # fmt: skip


def _buy_unheard(stage: Stage, count: int) -> list[Fan]:
    """Fans who stop one payment, make another and are charged in the dashboard: four events each, and none is sent."""
    stage.rig.control.webhooks("hold")
    stall = open_market(stage.rig.db, stage.rig.now(), drops=1, copies=count, hold_minutes=20).stalls[0]
    fans = [Fan(stage.name(f"unheard-{n:05d}"), stage.rig, stage.history, stage.random) for n in range(count)]
    _side_by_side([partial(_buy, stage, fan, stall) for fan in fans], 6)
    return fans


def _buy(stage: Stage, fan: Fan, stall: Stall) -> None:
    with fan.browser:
        hold = fan.take(stall, 1)
        fan.go_to_pay(hold)
        fan.browser.ask("stop paying", "POST", f"{hold}/stop-paying")
        session = fan.go_to_pay(hold)
        if session and fan.pay(session):
            paid = next(each for each in stage.rig.control.objects("checkout.session") if each["id"] == session)
            stage.rig.control.capture(paid["payment_intent"])


def _events(stage: Stage) -> dict[str, dict[str, str]]:
    """The ids of each fan's four events by type."""
    with reading(stage.rig.db) as session:
        names = {str(id_): fan for id_, fan in session.execute(text("SELECT id, fan FROM holds"))}
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for event in stage.rig.control.objects("event"):
        fan = names.get(event["data"]["object"].get("metadata", {}).get("hold", ""))
        if fan and event["type"] in FOUR:
            found[fan].setdefault(event["type"], event["id"])
    return found


def _send(stage: Stage, plans: Sequence[Sequence[str]]) -> None:
    _side_by_side([partial(stage.rig.control.send, plan) for plan in plans], SIDE_BY_SIDE)


def _side_by_side(deeds: Sequence[Any], at_once: int) -> None:
    left, lock, faults = iter(deeds), threading.Lock(), []

    def work() -> None:
        while True:
            with lock:
                deed = next(left, None)
            if deed is None:
                return
            try:
                deed()
            except Exception as fault:
                faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _paid(stage: Stage, fan: Fan) -> bool:
    state = _one(stage, END_STATE, fan=fan.name)
    return state is not None and state.paid == "captured" and state.mails == 1


def replay(stage: Stage) -> int:
    """Everything again, at once and an hour later: it is old news, so nothing new is to be done; how many were sent again."""
    heard = [each["event"] for each in stage.rig.control.deliveries() if each["state"] == "delivered"]
    known = list(dict.fromkeys(heard))[-100:]
    before = _count(stage, HINTS), _count(stage, KNOWN_EVENTS)
    _send(stage, [[event] * 2 for event in known])
    stage.rig.forward(hours=1)
    _send(stage, [[event] for event in known])
    after = _count(stage, HINTS), _count(stage, KNOWN_EVENTS)
    stage.check(before == after, f"old events caused new work: hints and events {before}, then {after}")
    return 3 * len(known)


def _forge(stage: Stage) -> int:
    """Events signed by somebody else or long ago are refused and leave no trace; the poller then finds out by itself."""
    refused = 0
    for mode in ("forge", "stale"):
        stage.rig.control.webhooks(mode, seconds=3600 if mode == "stale" else None)
        before = _count(stage, KNOWN_EVENTS)
        with stage.load(moods={Mood.PAYS_AND_LEAVES: 1}, threads=4) as load:
            stage.enough(load, 6)
        stage.check(_count(stage, KNOWN_EVENTS) == before, f"a {mode}d event was believed")
        tried = [each for each in stage.rig.control.deliveries() if each["mode"] == mode and each["attempts"]]
        wrong = [each for each in tried if any(attempt["status"] != 400 for attempt in each["attempts"])]
        stage.check(tried != [] and wrong == [], f"{len(wrong)} of {len(tried)} {mode}d events were not refused with 400")
        refused += len(tried)
    return refused


def _unruly(stage: Stage) -> Figures:
    """Fans buy while events overtake each other, come five times, or before the call that caused them is answered."""
    orders = 0
    for mode, more in (("duplicate", {"times": 5}), ("shuffle", {"seconds": 2}), ("early", {})):
        stage.rig.control.webhooks(mode, **more)
        with stage.load() as load:
            stage.enough(load, 15)
        orders += load.ended
    return {"fans under duplicate, shuffle, early": orders}


def unheard(stage: Stage) -> Figures:
    """F17: no webhook comes for three days. First the shop is down while fans pay, then only the webhooks stay away."""
    control = stage.rig.control
    control.webhooks("drop")
    with stage.load(moods={Mood.DECLINED: 1}, drops=4) as load:
        stage.enough(load, 12)
    stage.rig.kill_shop()
    paid = [each["id"] for each in control.objects("checkout.session") if each["status"] == "open"]
    for session in paid:
        control.pay(session)
        stage.history.pays(session)
    stage.rig.forward(days=3)
    stage.rig.serve()
    began = stage.rig.now()
    stage.until(lambda: settled(stage, paid) == len(paid), least=0, most=120)
    healed, took = settled(stage, paid), (stage.rig.now() - began).total_seconds()
    stage.check(len(paid) > 0 and healed == len(paid), f"{healed} of {len(paid)} paid sessions were found again")
    with stage.load(moods={Mood.PAYS_AND_LEAVES: 1}) as load:
        stage.enough(load, 12)
    return {"paid while down": len(paid), "found again": healed, "after s of the shop's clock": round(took, 1)}


def settled(stage: Stage, sessions: Collection[str]) -> int:
    """How many of some sessions that were paid the shop knows to be."""
    with reading(stage.rig.db) as session:
        known = {id_ for (id_,) in session.execute(text("SELECT session_id FROM checkout_attempts WHERE state = 'complete'"))}
    return len(known & set(sessions))


def _one(stage: Stage, sql: str, **binds: Any) -> Any:
    with reading(stage.rig.db) as session:
        return session.execute(text(sql), binds).first()


def _count(stage: Stage, sql: str) -> int:
    return int(_one(stage, sql)[0])

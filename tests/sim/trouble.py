"""What goes wrong on purpose while a step is done, and whether it struck."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from sandbox.behaviour import Behaviour
from sandbox.faults import Fault
from tests.sim.history import hold_of
from tests.sim.stage import HOLD
from tests.sim.steps import Step

if TYPE_CHECKING:
    from tests.sim.world import World

_MOST_AHEAD = 90.0  # seconds that the shop's clock and Stripe's may differ


class Trouble:
    """Makes trouble in a world, one step at a time."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.early = False
        self.ahead = 0.0  # seconds of the shop's clock before Stripe's
        self.event = ""

    @contextmanager
    def during(self, step: Step) -> Iterator[list[str]]:
        """Let the fault of a step have its way; the list says afterwards whether it did. A crash is the deed's own affair."""
        met: list[str] = []
        dice = Random(step.dice + 1)  # noqa: S311 - a story, no secret
        scope, _, kind = step.fault.partition(" ")
        makers = {
            "stripe": self._stripe,
            "mail": self._mail,
            "early": self._early_event,
            "event": self._event,
            "database": self._busy,
        }
        if scope == "clock":
            self.set_ahead(dice.uniform(-_MOST_AHEAD, _MOST_AHEAD))
            met.append(step.fault)
        if scope not in makers:
            yield met
            return
        with makers[scope](kind, dice) as struck:
            yield met
        met += [step.fault] * bool(struck)

    def set_ahead(self, seconds: float) -> None:
        """Put the shop's clock right or wrong; Stripe's goes on as it went."""
        self._world.clock.forward(seconds=seconds - self.ahead)
        self._world.box.clock.offset = -seconds
        self.ahead = seconds

    def deliver(self, event: str) -> str:
        """Have Stripe send an event, as the trouble of the moment wants it; what was sent and how it was answered."""
        sender, kind = self._world.deliveries, self.event
        self.event = ""
        if kind == "lost":
            self._forget(event)
            return "event lost"
        if kind in {"forged", "stale"}:
            sender.enqueue(event, behaviour=Behaviour({"forged": "forge"}.get(kind, kind)))
            sender.run_due()
            return f"event {kind}"
        [sent] = sender.send([event])
        return f"event {sent['type']} {sent['attempts'][-1]['status']}"

    def _forget(self, event: str) -> None:
        """It is never sent."""
        store = self._world.box.store
        with store.transaction():
            for each in store.select("delivery", lambda kept: kept["event"] == event and kept["state"] == "held"):
                store.put("delivery", each | {"state": "dropped"})

    @contextmanager
    def _stripe(self, kind: str, dice: Random) -> Iterator[list[object]]:
        struck: list[object] = []
        faults = self._world.box.faults
        where = {"method": "POST", "path": "/v1/checkout/sessions**"} if kind.startswith("pay") else {}
        times, skip, seconds = dice.choice((1, 1, 2, 4, None)), dice.choice((0, 0, 1)), dice.randint(1, 10)
        rule = faults.add(Fault(kind, times=times, skip=skip, seconds=seconds, **where))
        yield struck
        faults.clear()
        struck += [rule] * rule.struck

    @contextmanager
    def _mail(self, kind: str, _dice: Random) -> Iterator[list[object]]:
        postbox, struck = self._world.postbox, []
        before, postbox.trouble = len(postbox.met), kind
        yield struck
        postbox.trouble = ""
        struck += postbox.met[before:]

    @contextmanager
    def _early_event(self, _kind: str, _dice: Random) -> Iterator[list[object]]:
        """Events come before the call that causes them is answered."""
        world, struck = self._world, []
        before, self.early = world.heard, True
        world.deliveries.behave(Behaviour("early"))
        yield struck
        world.deliveries.behave(HOLD)
        self.early = False
        struck += [None] * (world.heard - before)

    @contextmanager
    def _event(self, kind: str, _dice: Random) -> Iterator[list[object]]:
        self.event, struck = kind, []
        yield struck
        struck += [None] * (self.event == "")
        self.event = ""

    @contextmanager
    def _busy(self, _kind: str, _dice: Random) -> Iterator[list[object]]:
        """A process that does not wait for its turn finds the database busy."""
        writers, struck = self._world.baton.writers, []
        before = writers.jumps
        yield struck
        struck += [None] * (writers.jumps - before)


def state_before(world: "World", step: Step) -> str:
    """What a fault of this step meets: hold, attempt and payment, the most urgent job, or who acts; and whether Stripe is away."""
    away = ", Stripe away" * bool(world.rows("SELECT id FROM stripe_outages WHERE ended_at IS NULL"))
    if step.deed in {"fan", "rush"}:
        hold = world.fans[step.who % len(world.fans)].hold
        found = world.rows(_STATES, hold=hold_of(hold)) if hold else []
        return (" ".join(found[0]) if found else "no hold") + away
    if step.deed == "worker":
        jobs = world.rows(_DUE, now=world.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f"))
        return (f"job {jobs[0][0]}" if jobs else "no job") + away
    return step.deed + away


_STATES = """SELECT h.state, COALESCE(a.state, 'no attempt'), COALESCE(p.state, 'no payment') FROM holds h
    LEFT JOIN checkout_attempts a ON a.id = (SELECT MAX(id) FROM checkout_attempts WHERE hold_id = h.id)
    LEFT JOIN payments p ON p.attempt_id = a.id WHERE h.id = :hold"""
_DUE = "SELECT kind FROM outbox WHERE state = 'waiting' AND run_at <= :now ORDER BY priority, run_at, id LIMIT 1"

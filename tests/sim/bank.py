"""What happens to money at Stripe without the shop: its dashboard gives back and lets go, banks dispute and decide."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox import disputes, intents, refunds
from sandbox.box import Sandbox
from sandbox.errors import StripeError
from sandbox.tidy import tidy

if TYPE_CHECKING:
    from tests.sim.world import World

Json = dict[str, Any]
Act = Callable[[Sandbox, Json, Random], object]
_OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")


def _let_go(box: Sandbox, intent: Json, _dice: Random) -> None:
    intents.cancel(box, intent["id"], {"cancellation_reason": "requested_by_customer"})


def _give_back(box: Sandbox, intent: Json, dice: Random) -> None:
    refunds.create(box, {"payment_intent": intent["id"]} | ({"amount": dice.randint(1, 500)} if dice.random() < 0.5 else {}))


def _dispute(box: Sandbox, intent: Json, dice: Random) -> None:
    disputes.open_dispute(box, intent["latest_charge"], reason="fraudulent", inquiry=dice.random() < 0.3)


def _decide(box: Sandbox, dispute: Json, dice: Random) -> None:
    act = dice.choice((disputes.respond, disputes.escalate, _win, _lose))
    act(box, dispute["id"])


def _win(box: Sandbox, dispute_id: str) -> Json:
    return disputes.close(box, dispute_id, won=True)


def _lose(box: Sandbox, dispute_id: str) -> Json:
    return disputes.close(box, dispute_id, won=False)


def _send_back(box: Sandbox, refund: Json, _dice: Random) -> None:
    refunds.fail(box, refund["id"])


# What, how often, to which of Stripe's objects in which states.
ACTS: dict[str, tuple[float, str, tuple[str, ...], Act]] = {
    "lets go": (3, "payment_intent", ("requires_capture",), _let_go),
    "gives back": (2, "payment_intent", ("succeeded",), _give_back),
    "disputes": (2, "payment_intent", ("succeeded",), _dispute),
    "decides": (4, "dispute", _OPEN, _decide),
    "sends back": (1, "refund", ("pending", "succeeded"), _send_back),
}


def act(world: "World", dice: Random) -> str:
    """One of these, to any object that can take it."""
    tidy(world.box)
    able = {name: found for name in ACTS if (found := _found(world.box, name))}
    if not able:
        return "bank nothing"
    [name] = dice.choices(list(able), [ACTS[name][0] for name in able])
    about = dice.choice(able[name])
    world.history.lets_go(_hold(world.box, about))
    try:
        with world.box.store.transaction():
            ACTS[name][3](world.box, about, dice)
    except StripeError as no:
        return f"bank {name} refused {no.code or no.status}"
    return f"bank {name}"


def _found(box: Sandbox, name: str) -> list[Json]:
    _, kind, states, _ = ACTS[name]
    return box.store.select(kind, lambda each: each["status"] in states)


def _hold(box: Sandbox, about: Json) -> int:
    """The hold whose money it is."""
    intent = about if about["object"] == "payment_intent" else box.store.get("payment_intent", about["payment_intent"])
    return int(intent["metadata"]["hold"])

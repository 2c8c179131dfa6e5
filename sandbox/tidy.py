"""The clock does its work: what is over ends, and what was to happen later happens."""

from collections.abc import Callable

from sandbox import disputes, idempotency, intents, later, refunds, sessions
from sandbox.box import Sandbox

_DEEDS: dict[str, Callable[[Sandbox, str], object]] = {
    "dispute": disputes.open_for_card,
    "refund fails": refunds.fail,
    "refund succeeds": refunds.succeed,
}


def tidy(box: Sandbox) -> None:
    """Bring the account up to the present."""
    with box.store.transaction():
        sessions.sweep(box)
        intents.sweep(box)
        idempotency.sweep(box)
        for planned in later.take_due(box):
            _DEEDS[planned["deed"]](box, planned["about"])

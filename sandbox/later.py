"""What happens by itself a little later: a bank's second thought about a refund, a dispute."""

from typing import Any

from sandbox.box import Sandbox

Json = dict[str, Any]

AFTER = 30  # seconds; Stripe's test cards take about as long


def plan(box: Sandbox, deed: str, about: str) -> None:
    """Have ``deed`` done to the object ``about``."""
    box.store.put("private.later", {"id": f"{deed} {about}", "deed": deed, "about": about, "at": box.clock.now() + AFTER})


def forget(box: Sandbox, about: str) -> None:
    """Nothing happens to the object by itself any more."""
    for planned in box.store.select("private.later", lambda p: p["about"] == about):
        box.store.remove("private.later", planned["id"])


def take_due(box: Sandbox) -> list[Json]:
    """What is due, oldest first; it counts as done."""
    now = box.clock.now()
    due = box.store.select("private.later", lambda p: p["at"] <= now)
    for planned in due:
        box.store.remove("private.later", planned["id"])
    return due

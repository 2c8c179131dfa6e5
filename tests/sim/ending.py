"""How a story ends: everybody goes, the workers work until all is quiet, and then the books of both sides are compared."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from app.tables import metadata
from sandbox.tidy import tidy
from tests.sim.quiet import check_quiet
from tests.sim.world import World

# How long is waited between two rounds of work, until all is quiet.
PATIENCE = (*[timedelta(seconds=20)] * 6, *[timedelta(minutes=3)] * 15, *[timedelta(hours=1)] * 30, *[timedelta(hours=5)] * 20)
_THEIRS = ("checkout.session", "payment_intent", "charge", "refund", "dispute", "event")


def end(world: World) -> None:
    """Nothing goes wrong any more. Raises Broken."""
    world.dice.seed(0)
    world.trouble.set_ahead(0.0)
    world.desk.resume_all(world)
    for pause in PATIENCE:
        world.clock.forward(seconds=pause.total_seconds())
        world.tell_time()
        tidy(world.box)  # what banks do by themselves
        _deliver_all(world)
        _work_all(world)
        if not world.watch.left() and not world.box.store.all("private.later"):
            break
    world.look()
    check_quiet(world)
    world.trace.append(f"quiet {_everything(world)}")


def _deliver_all(world: World) -> None:
    for held in world.box.store.select("delivery", lambda each: each["state"] == "held"):
        world.deliveries.send([held["event"]])
    world.deliveries.run_due()


def _work_all(world: World) -> None:
    for (job,) in world.rows("SELECT id FROM outbox WHERE state = 'dead' ORDER BY id"):
        world.desk.retry(world, job)
    for worker in world.workers:
        for _ in range(30):
            if not worker.step():
                break


def _everything(world: World) -> str:
    """A hash of every row of the database, of Stripe's objects and of the mail."""
    ours: list[Any] = [world.rows(f"SELECT * FROM {table.name} ORDER BY 1, 2") for table in metadata.sorted_tables]
    theirs = {kind: world.box.store.all(kind) for kind in _THEIRS}
    whole = json.dumps([ours, theirs, sorted(world.postbox.taken.items())], default=str)
    return hashlib.sha256(whole.encode()).hexdigest()

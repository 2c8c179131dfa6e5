"""F20: the worker is dead for an hour, while holds end and fans pay; then it is started."""

import time
from contextlib import suppress

from faults.browser import Gone
from faults.fan import Fan, Mood
from faults.history import clock
from faults.market import Stall, open_market
from faults.quiet import under_way
from faults.stage import Figures, Stage

COPIES = 30
WAITING = {"undecided payments", "pending attempts"}
GIVE_UP = 120.0  # seconds, on a very busy machine


def dead_worker(stage: Stage) -> Figures:
    """The web server alone frees holds that never reached Stripe and sells nothing twice; the worker then catches up."""
    rig = stage.rig
    rig.stop_shop()
    rig.serve(worker=False)
    stall = open_market(rig.db, rig.now(), drops=1, copies=COPIES).stalls[0]
    with stage.load(moods={Mood.DECLINED: 3, Mood.PAYS_AND_LEAVES: 3, Mood.WALKS_AWAY: 2}, drops=4) as load:
        _walk_away(stage, stall, "before")
        stage.enough(load, 20)
    paid = len(stage.history.paid)
    for _ in range(12):
        rig.forward(minutes=5)
    silent = rig.is_up()
    stage.check(not silent, "readyz is green although the worker is dead")
    freed = _walk_away(stage, stall, "after")
    stage.check(freed == COPIES, f"only {freed} of {COPIES} copies whose holds had ended could be taken")
    rig.stop_shop()
    begun = clock()
    ready = rig.serve()
    while (left := WAITING & under_way(rig).keys()) and clock() - begun < GIVE_UP:
        time.sleep(0.2)
    backlog = clock() - begun
    stage.check(not left, f"still not done: {left}")
    return {"paid meanwhile": paid, "freed on demand": freed, "ready": round(ready, 1), "backlog done after": round(backlog, 1)}


def _walk_away(stage: Stage, stall: Stall, when: str) -> int:
    """Fans take one copy each while there are any, and are never seen again; how many copies they were told are theirs."""
    before = len(stage.history.takes)
    for number in range(COPIES):
        fan = Fan(stage.name(f"{when}-{number:05d}"), stage.rig, stage.history, stage.random)
        with suppress(Gone), fan.browser:
            fan.take(stall, 1)
    return sum(len(take.numbers) for take in stage.history.takes[before:] if take.fan.startswith(stage.name(when)))

"""Deploys while fans buy: reloads, stops and starts, and migrations with another version of the code at each end."""

import time

from faults.deploys import DeployedRig
from faults.history import Deed, clock
from faults.many import orders_of_the_past
from faults.stage import Figures, Stage
from tests.programs import ROOT

RELOADS = 3
MANY = 20_000  # orders that are there already
READING = 20.0  # seconds in which a web process has read its pages, beside serving; in life days lie before the next upgrade
SOME = 8  # fans who come to the end of their story between two steps


def reloads(stage: Stage) -> Figures:
    """F04: SIGHUP for the supervisor again and again, then everything is stopped and started on the socket that is held."""
    rig = _rig(stage)
    took = []
    with stage.load() as load:
        for _ in range(RELOADS):
            stage.more(load, SOME)
            took.append(rig.reload())
        begun = clock()
        rig.stop_shop()
        rig.serve()
        restart = clock() - begun
        stage.more(load, SOME)
    _nobody_failed(stage)
    return {
        "reloads": RELOADS, "the slowest": round(max(took), 1), "stopped and started in": round(restart, 1), **_requests(stage)
    }  # fmt: skip


def migrations(stage: Stage) -> Figures:
    """F21: back to the code and the tables of before the newest migration, and forward again as docs/operations.md says."""
    rig = _rig(stage)
    old, revision = rig.earlier()
    many = orders_of_the_past(rig.db, rig.now(), stage.count(MANY))
    with stage.load(drops=20) as load:
        stage.more(load, SOME)
        rig.stop_shop()
        begun = clock()
        rig.flask("db", "downgrade", revision)
        down = clock() - begun
        rig.put(old)
        rig.serve()
        back = clock()
        stage.more(load, SOME)
        time.sleep(stage.seconds(READING))
        rig.put(ROOT)
        begun, usual = clock(), stage.history.longest_between(back, clock())
        rig.flask("db", "upgrade")  # while the old code serves
        up, blocked = clock() - begun, stage.history.longest_between(begun, clock())
        stage.more(load, SOME)  # the old code on the new tables
        rig.reload()
        stage.more(load, SOME)
    stage.could_not_note()  # while the tables were changed
    _nobody_failed(stage, back)  # to go back the shop is stopped, and who waits too long then gives up
    return {
        "orders there": many, "old code": old.name, "downgrade": round(down, 1), "upgrade while serving": round(up, 1),
        "longest blocked request": round(blocked, 2), "longest before it": round(usual, 2), **_requests(stage, back),
    }  # fmt: skip


def _rig(stage: Stage) -> DeployedRig:
    assert isinstance(stage.rig, DeployedRig)  # noqa: S101 - the table says so
    return stage.rig


def _nobody_failed(stage: Stage, since: float = 0.0) -> None:
    failed = _failed(stage, since)
    told = "; ".join(f"{each.what}: {each.status} {each.words[:80]}" for each in failed[:4])
    stage.check(not failed, f"{len(failed)} requests failed: {told}")


def _requests(stage: Stage, since: float = 0.0) -> Figures:
    sent = sum(each.sent >= since for each in stage.history.deeds)
    return {"requests": sent, "failed": len(_failed(stage, since)), "503": stage.history.statuses()[503]}


def _failed(stage: Stage, since: float) -> list[Deed]:
    return [each for each in stage.history.failed() if each.sent >= since]

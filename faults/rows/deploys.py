"""Deploys while fans buy: reloads, stops and starts, and migrations with another version of the code at each end."""

from faults.deploys import DeployedRig
from faults.history import clock
from faults.many import orders_of_the_past
from faults.stage import Figures, Stage
from tests.programs import ROOT

RELOADS = 3
MANY = 20_000  # orders that are there already
BLOCKED = 4.0  # seconds that anybody may wait because of a migration: it gives up its own waiting after two
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
        stage.more(load, SOME)
        rig.put(ROOT)
        begun = clock()
        rig.flask("db", "upgrade")  # while the old code serves
        up, blocked = clock() - begun, stage.history.longest_between(begun, clock())
        stage.more(load, SOME)  # the old code on the new tables
        rig.reload()
        stage.more(load, SOME)
    _nobody_failed(stage)
    stage.check(blocked <= BLOCKED, f"somebody waited {blocked:.1f} s while the tables were changed")
    return {
        "orders there": many, "old code": old.name, "downgrade": round(down, 1), "upgrade while serving": round(up, 1),
        "longest blocked request": round(blocked, 2), **_requests(stage),
    }  # fmt: skip


def _rig(stage: Stage) -> DeployedRig:
    assert isinstance(stage.rig, DeployedRig)  # noqa: S101 - the table says so
    return stage.rig


def _nobody_failed(stage: Stage) -> None:
    failed = stage.history.failed()
    told = "; ".join(f"{each.what}: {each.status} {each.words[:80]}" for each in failed[:4])
    stage.check(not failed, f"{len(failed)} requests failed: {told}")


def _requests(stage: Stage) -> Figures:
    return {"requests": len(stage.history.deeds), "failed": len(stage.history.failed()), "503": stage.history.statuses()[503]}

"""Processes that die, all at once or one by one, and processes that are replaced."""

from faults.stage import Figures, Stage


def killed_processes(stage: Stage) -> Figures:
    """F01: SIGKILL for a web process as soon as the one before has been replaced, and now and then for the worker."""
    kills = worst = 0.0
    with stage.load():
        for count in stage.every(0.5, during=14):
            if count % 6 == 5:
                stage.rig.kill_worker()
            if stage.rig.kill_web(stage.random.choice) is not None:
                kills += 1
                worst = max(worst, stage.until_success())
    return {"kills": int(kills), "longest until the next success": round(worst, 2)}


def killed_shop(stage: Stage) -> Figures:
    """F03: SIGKILL for supervisor, web server and worker together in the middle of a drop; then start again."""
    ready = []
    with stage.load():
        for _ in range(2):
            for _ in stage.every(1, during=5):
                pass
            stage.rig.kill_shop()
            ready.append(stage.rig.serve())
            stage.until_success()
    return {"kills": len(ready), "ready": round(max(ready), 1)}

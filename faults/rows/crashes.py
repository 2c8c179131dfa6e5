"""F02: a process dies at each point where something was just done or is just about to be done, three times each."""

import time
from collections import Counter
from pathlib import Path

from faults.fan import Mood
from faults.history import clock
from faults.patches.points import MOST, file_of
from faults.stage import Figures, Stage

LEAST_POINTS = 20
GIVE_UP = 300.0  # seconds, on a very busy machine
MOODS = {
    Mood.PAYS: 8, Mood.PAYS_AND_LEAVES: 4, Mood.CHANGES: 1, Mood.PUTS_BACK: 3, Mood.WALKS_AWAY: 2, Mood.DECLINED: 3, Mood.STOPS: 4,
}  # fmt: skip


def crash_points(stage: Stage) -> Figures:
    """Arm every point that is found, and go on until each has been hit three times."""
    folder, each = stage.rig.folder, MOST if stage.scale >= 1 else 1
    (folder / "armed").mkdir()
    control, wrong = stage.rig.control, {"amount_total": 1}  # so that money is let go, too
    control.fault("alter", "/v1/checkout/sessions/*", "GET", times=None, probability=0.1, changes=wrong)
    begun, known = clock(), set[str]()
    with stage.load(moods=MOODS, drops=60, hold_minutes=3):
        while (passed := clock() - begun) < GIVE_UP and (passed < stage.seconds(20) or left(folder, each)):
            arm(folder, set(read(folder, "points")) - known, each)
            known |= set(read(folder, "points"))
            stage.rig.forward(seconds=5)  # so that holds, leases and pauses end while all this goes on
            time.sleep(0.3)
    hits = read(folder, "hits")
    stage.repeats += sum(count for point, count in hits.items() if point.startswith("worker"))
    missed = left(folder, each)
    stage.check(len(known) >= LEAST_POINTS, f"only {len(known)} points")
    stage.check(not missed, f"{len(missed)} points were hit less than {each} times: {missed[:5]}")
    return {"points": len(known), "hit": len(known) - len(missed), "times each, at least": each, "crashes": hits.total()}


def read(folder: Path, file: str) -> Counter[str]:
    """How often each line stands in a file that the processes write."""
    path = folder / file
    return Counter(path.read_text().splitlines() if path.exists() else ())


def arm(folder: Path, points: set[str], each: int) -> None:
    """Let whoever comes to these points die there, so many times."""
    for point in points:
        for number in range(each):
            (folder / "armed" / f"{file_of(point)}.{number}").touch()


def left(folder: Path, each: int) -> list[str]:
    """Points that were not hit often enough."""
    hits = read(folder, "hits")
    return sorted(point for point in read(folder, "points") if hits[point] < each)

"""F19: a mail server that is down, busy, hangs, is slow, cuts the line after the letter, or knows no such person."""

from functools import partial

from faults.fan import Mood
from faults.stage import Figures, Stage

BUYERS = {Mood.PAYS: 8, Mood.PAYS_AND_LEAVES: 2}
REFUSED = 0.2  # of the fans have an address that no server takes


def bad_mail(stage: Stage) -> Figures:
    """Fans buy while the server goes through its faults; in the end each order has one letter, or a dead one with its reason."""
    sink = stage.rig.sink
    begun = dict(sink.met)
    for mode in ("down", "451", "cut", "hang", "slow"):
        with stage.load(moods=BUYERS, drops=3, refused_mail=REFUSED) as load:
            if mode == "down":
                sink.down()
            else:
                sink.mode = mode
            stage.enough(load, 8)
        if mode != "down":  # letters come last in a busy worker's list
            stage.until(partial(_met, stage, begun, mode), least=0, most=60)
        sink.heal()
    cuts = _met(stage, begun, "cut")
    stage.repeats += cuts
    stage.until(partial(_met, stage, begun, "550"), least=0, most=60)
    for mode in ("451", "cut", "hang", "slow", "550"):
        stage.check(_met(stage, begun, mode) > 0, f"nobody met {mode}")
    return {"met": ", ".join(f"{_met(stage, begun, mode)} × {mode}" for mode in ("451", "cut", "hang", "slow", "550"))}


def _met(stage: Stage, begun: dict[str, int], mode: str) -> int:
    return stage.rig.sink.met[mode] - begun.get(mode, 0)
